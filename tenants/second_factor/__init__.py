"""A second factor, proved anew: codes that cannot be guessed or used twice, and how fresh a proof is."""

from tenants.second_factor.codes import CodeRefused, TooManyCodes, code_check
from tenants.second_factor.proofs import PROOF_SECONDS, code_prove, fresh_method, methods_of

__all__ = ["PROOF_SECONDS", "CodeRefused", "TooManyCodes", "code_check", "code_prove", "fresh_method", "methods_of"]
