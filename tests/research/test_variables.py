"""Where a prompt's variable comes from: overrides, steps (newest first), packs, client, seed, computed."""

from uuid import UUID

from spadework.research.rules.variables import Known, Packed, Produced, resolve

OLD, NEW, PACK = (UUID(int=each) for each in (1, 2, 3))
KNOWN = Known(
    overrides={"a": "override"},
    outputs=(
        Produced(key="second", step_id="2-second", step_run_id=NEW, output={"a": "new", "b": "new"}),
        Produced(key="first", step_id="1-first", step_run_id=OLD, output={"a": "old", "b": "old", "c": "old"}),
    ),
    packs=(Packed(consumer="for_writers", content={"x": 1}, step_id="2-second_context_pack", step_run_id=PACK),),
    client={"d": "client", "c": "client", "icp_config": {"e": "inside"}},
    seed={"d": "seed", "f": "seed"},
    computed={"f": "computed", "g": "computed"},
)


def test_each_variable_comes_from_the_first_place_that_has_it() -> None:
    found = resolve(["a", "b", "c", "d", "e", "f", "g", "nowhere"], KNOWN)
    assert {name: (each.value, each.origin) for name, each in found.items()} == {
        "a": ("override", "override"), "b": ("new", "step"), "c": ("old", "step"), "d": ("client", "client_config"),
        "e": ("inside", "client_config"), "f": ("seed", "seed"), "g": ("computed", "computed"),
    }  # fmt: skip


def test_lineage_names_the_source_step_and_the_place_there_with_a_short_preview() -> None:
    long = Known(outputs=(Produced(key="first", step_id="1-first", step_run_id=OLD, output={"text": "x" * 900}),))
    assert resolve(["text"], long)["text"].lineage() == {
        "source": "step", "step": "1-first", "step_run_id": str(OLD), "path": "text", "preview": "x" * 500
    }  # fmt: skip


def test_a_context_pack_is_found_by_its_consumer_and_a_whole_output_by_its_step() -> None:
    found = resolve(["for_writers", "context_pack", "second"], KNOWN)
    assert found["for_writers"].value == found["context_pack"].value == {"x": 1}
    assert found["for_writers"].step == "2-second_context_pack"
    assert found["second"].value == {"a": "new", "b": "new"}
