# SPDX-License-Identifier: Apache-2.0
"""The tables of the language's test on real kernels: what is asked for, and what must arrive."""
