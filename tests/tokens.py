"""JSON Web Tokens of an issuer that lives as long as the test run."""

import json
import time
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER: Final = "https://issuer.test"
_KEY: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_FOREIGN: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_PUBLIC: Final[dict[str, Any]] = jwt.algorithms.RSAAlgorithm.to_jwk(_KEY.public_key(), as_dict=True)
RULE: Final = {
    "issuer": ISSUER,
    "audiences": ["tiergate"],
    "jwks": json.dumps({"keys": [{**_PUBLIC, "kid": "one", "alg": "RS256", "use": "sig"}]}),
}
"""An entry of the chart's `istio.jwt`."""


def token(*, foreign: bool = False, **claims: object) -> str:
    """A token that is accepted, unless `claims` are wrong or the key is somebody else's."""
    payload = {
        "iss": ISSUER,
        "sub": "a client",
        "aud": "tiergate",
        "exp": int(time.time()) + 3600,
        **claims,
    }
    return jwt.encode(
        payload, _FOREIGN if foreign else _KEY, algorithm="RS256", headers={"kid": "one"}
    )
