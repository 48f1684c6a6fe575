"""The precision of a run follows what the device computes fast."""

import pytest

torch = pytest.importorskip("torch")

from barva.training.device import fastest_precision  # noqa: E402


@pytest.mark.parametrize(
    ("capability", "precision"), [("AVX2", "32-true"), ("DEFAULT", "32-true"), ("AVX512", "bf16-mixed")]
)
def test_processors_without_avx512_train_in_float32(monkeypatch, capability, precision):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert fastest_precision("cpu") == fastest_precision("auto") == precision


def test_gpus_train_in_bfloat16(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert fastest_precision("auto") == fastest_precision("cuda") == "bf16-mixed"
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    assert fastest_precision("cpu") == "32-true"
