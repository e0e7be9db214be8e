# SPDX-License-Identifier: Apache-2.0
"""The table of the architectures' test: one list of specs and values for all machines."""
