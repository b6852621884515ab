"""Workers that die between any two steps, and runs that are cancelled: nothing is lost, nothing doubled."""

from __future__ import annotations

import pytest

from syncline.insight.models import InsightRow
from syncline.ledger.models import Batch, Run, RunStatus
from syncline.ledger.queue import request_cancel
from syncline.syncs.contract import Done
from syncline.syncs.insight_data import send, take_away
from syncline.syncs.running import advance
from tests.syncs.insight_data.scene import ALICE, BOB, IMPORT, SYNC, Scene, went_well


class Died(BaseException):
    """A worker that is gone: nothing in the code may catch it."""


def until_sent(scene: Scene) -> Run:
    run = scene.world.start(SYNC)
    while not Batch.objects.filter(kind="insight", state="sent").exists():
        assert not isinstance(advance(str(run.key)), Done)
    return run


def test_a_worker_that_dies_after_the_call_sends_the_batch_once_more(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.deal("Tent", scene.alice)
    scene.deal("Boots", scene.bob)
    with monkeypatch.context() as patched:
        patched.setattr(send.batches, "mark_sent", _die)
        run = scene.world.start(SYNC)
        with pytest.raises(Died):
            while True:
                advance(str(run.key))
    run = scene.world.carry_out(run)
    assert (run.status, run.created) == (RunStatus.COMPLETED, 2)
    assert scene.names() == {"Tent": ALICE, "Boots": BOB}
    assert scene.calls(IMPORT) == 2


def test_a_worker_that_dies_after_a_removal_tells_it_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    tent = scene.deal("Tent", scene.alice)
    went_well(scene.sync())
    scene.close(tent)
    with monkeypatch.context() as patched:
        patched.setattr(take_away.rows, "keep_removed", _die)
        run = scene.world.start(SYNC)
        with pytest.raises(Died):
            while True:
                advance(str(run.key))
    assert scene.held() == {}
    run = went_well(scene.world.carry_out(run))
    assert run.removed == 1


def _die(*_: object, **__: object) -> None:
    raise Died


def test_what_a_cancelled_run_sent_is_settled_by_the_next(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    run = until_sent(scene)
    assert request_cancel(run, "maya")
    assert scene.world.carry_out(run).status == RunStatus.CANCELLED
    assert InsightRow.objects.get().sent_to == 0
    scene.world.forget_calls()
    run = went_well(scene.sync())
    assert (run.created, scene.calls(IMPORT)) == (1, 0)
    assert scene.names() == {"Tent": ALICE}


def test_an_import_that_dotdigital_forgot_is_sent_again(scene: Scene) -> None:
    scene.deal("Tent", scene.alice)
    run = until_sent(scene)
    Batch.objects.filter(kind="insight").update(remote_id="00000000-0000-0000-0000-000000000001")
    assert went_well(scene.world.carry_out(run)).created == 1


def test_who_opts_out_while_a_batch_waits_is_left_out_of_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.deal("Tent", scene.alice)
    scene.deal("Boots", scene.bob)
    run = scene.world.start(SYNC)
    while not Batch.objects.filter(kind="insight", state="intended").exists():
        assert not isinstance(advance(str(run.key)), Done)
    scene.world.change("contacts", scene.alice, donotbulkemail=True)
    scene.world.sync("lists_out")
    assert Batch.objects.filter(kind="insight", state="intended").exists(), "the other lane leaves it alone"
    scene.world.carry_out(run)
    assert scene.names() == {"Boots": BOB}


@pytest.mark.parametrize("step", range(1, 12))
def test_a_run_goes_on_wherever_its_worker_died(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The worker is gone the moment before it would store its n-th piece of work."""
    deals = [scene.deal("Tent", scene.alice), scene.deal("Boots", scene.bob)]
    went_well(scene.sync())
    scene.close(deals[0])
    scene.world.change("opportunities", deals[1], name="Dry boots")
    scene.deal("Stove", scene.alice)
    run = scene.world.start(SYNC)
    left = [step]

    def dying(original: object) -> object:
        def save(self: object, **changes: object) -> None:
            left[0] -= 1
            if not left[0]:
                raise Died
            original(self, **changes)  # type: ignore[operator]

        return save

    with monkeypatch.context() as patched:
        patched.setattr(
            "syncline.syncs.context.RunContext.save_position",
            dying(send.RunContext.save_position),
        )
        with pytest.raises(Died):
            for _ in range(60):
                advance(str(run.key))
            raise Died
    run = went_well(scene.world.carry_out(run))
    assert (run.created, run.updated, run.removed) == (1, 1, 1)
    assert scene.names() == {"Dry boots": BOB, "Stove": ALICE}
    scene.world.forget_calls()
    assert went_well(scene.sync()).read == 0


@pytest.mark.parametrize("same_run", [True, False])
def test_who_opts_out_after_an_import_whose_answer_was_lost_loses_the_record(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, same_run: bool
) -> None:
    """It is there, though nobody here was told so."""
    scene.deal("Tent", scene.alice)
    with monkeypatch.context() as patched:
        patched.setattr(send.batches, "mark_sent", _die)
        run = scene.world.start(SYNC)
        with pytest.raises(Died):
            while True:
                advance(str(run.key))
    assert scene.names() == {"Tent": ALICE}
    scene.world.change("contacts", scene.alice, donotbulkemail=True)
    scene.world.sync("lists_out")
    if not same_run:
        assert request_cancel(run, "maya")
    scene.world.carry_out(run)
    scene.sync()
    assert scene.held() == {}
    scene.world.forget_calls()
    assert went_well(scene.sync()).read == 0
    assert scene.world.writes() == {}


def test_a_record_whose_answer_was_lost_moves_when_its_row_does(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key is unique in its collection: Dotdigital would refuse it for Bob while Alice has it."""
    tent = scene.deal("Tent", scene.alice)
    with monkeypatch.context() as patched:
        patched.setattr(send.batches, "mark_sent", _die)
        run = scene.world.start(SYNC)
        with pytest.raises(Died):
            while True:
                advance(str(run.key))
    assert request_cancel(run, "maya")
    scene.world.carry_out(run)
    scene.world.change("opportunities", tent, **{"parentcontactid@odata.bind": f"/contacts({scene.bob})"})
    assert went_well(scene.sync()).rejected == 0
    assert scene.names() == {"Tent": BOB}
