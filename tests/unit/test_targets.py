"""What a method and a path ask for, and the list of models."""

import json
import time

import pytest
from builders import FAST_MODEL, REASONING_MODEL, config, tiers

from extproc.errors import MethodNotAllowed, ModelNotFound, UnknownPath
from extproc.request import Api
from extproc.targets import Catalogue, resolve

ELSEWHERE = [
    "",
    "*",
    "/",
    "/v1",
    "/v1/chat/completions/",
    "/V1/chat/completions",
    "//v1/chat/completions",
    "/v1/chat/completions;x",
    "/v1/modelsx",
    "/v1/load_lora_adapter",
    "/metrics",
]


@pytest.mark.parametrize("api", Api, ids=lambda api: api.name.lower())
def test_each_api_is_posted_to_its_path(api: Api) -> None:
    """A query string changes nothing."""
    assert api is resolve("POST", api.value)
    assert api is resolve("POST", f"{api.value}?api-version=1")


@pytest.mark.parametrize("api", Api, ids=lambda api: api.name.lower())
@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS", "post"])
def test_no_other_method_is_taken(method: str, api: Api) -> None:
    """The error names the one that is."""
    with pytest.raises(MethodNotAllowed) as caught:
        resolve(method, api.value)

    assert {"allow": "POST"} == caught.value.headers


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/", "/v1/models/a/b", "/v1/models?x=1"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_catalogue_answers_reads(method: str, path: str) -> None:
    """None stands for the catalogue: no API of a tier is meant."""
    assert resolve(method, path) is None


def test_the_catalogue_cannot_be_written() -> None:
    """The error names the methods that read."""
    with pytest.raises(MethodNotAllowed) as caught:
        resolve("DELETE", "/v1/models/auto")

    assert {"allow": "GET, HEAD"} == caught.value.headers


@pytest.mark.parametrize("path", ELSEWHERE, ids=repr)
def test_nothing_else_is_served(path: str) -> None:
    """A tier's own admin paths are as unknown as any other."""
    with pytest.raises(UnknownPath):
        resolve("POST", path)


def test_every_name_is_listed_with_its_length() -> None:
    """Aliases take as much as the longest tier, a tier's model as much as that tier."""
    catalogue = Catalogue(config(tiers=tiers(max_model_len=65_536)))

    listed = json.loads(catalogue.answer("/v1/models"))

    assert "list" == listed["object"]
    assert {"auto": 65_536, FAST_MODEL: 32_768, REASONING_MODEL: 65_536} == {
        model["id"]: model["max_model_len"] for model in listed["data"]
    }


def test_a_models_card_has_openais_shape() -> None:
    """Clients read these fields; `created` is when the config came into force."""
    card = json.loads(Catalogue(config()).answer("/v1/models/auto"))

    assert abs(time.time() - card.pop("created")) < 10
    assert {
        "id": "auto",
        "object": "model",
        "owned_by": "tiergate",
        "max_model_len": 32_768,
    } == card


@pytest.mark.parametrize(
    "path",
    [f"/v1/models/{FAST_MODEL}", "/v1/models/small%2Fmodel-1b", f"/v1/models/{FAST_MODEL}/"],
    ids=["slash", "escaped", "trailing"],
)
def test_a_model_is_found_below_the_list(path: str) -> None:
    """Names hold slashes, which clients escape or do not."""
    assert FAST_MODEL == json.loads(Catalogue(config()).answer(path))["id"]


def test_a_query_string_has_no_meaning() -> None:
    """The list and a card are found with one as without."""
    catalogue = Catalogue(config())

    assert catalogue.answer("/v1/models") == catalogue.answer("/v1/models?limit=20")
    assert catalogue.answer("/v1/models/auto") == catalogue.answer("/v1/models/auto?x=1")


def test_an_unknown_model_is_not_found() -> None:
    """The error is that of a chat with such a model."""
    with pytest.raises(ModelNotFound) as caught:
        Catalogue(config()).answer("/v1/models/gpt-9")

    assert "model" == caught.value.param
