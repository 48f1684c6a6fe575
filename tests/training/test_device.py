"""The precision of a run follows what the device computes fast."""

import platform
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")

from barva.training.device import Device, fabric_on, fastest_precision, wrap  # noqa: E402


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


def test_what_does_not_learn_is_not_shared_but_called_alike():
    """DistributedDataParallel refuses a network without gradients, as a distillation's teacher is one."""
    fabric = fabric_on(Device("cpu", 1, "bf16-mixed"))
    shared, seen = [], []
    fabric.setup_module = shared.append
    teacher, student = torch.nn.Linear(2, 2).requires_grad_(False), torch.nn.Linear(2, 2)
    teacher.register_forward_hook(lambda _, given, answer: seen.append(answer.dtype))
    fixed = wrap(fabric, teacher)
    wrap(fabric, student)
    assert shared == [student] and fixed.module is teacher
    fixed(torch.ones(1, 2))
    assert seen == [torch.bfloat16]


def test_memory_is_kept_by_a_process_that_trains():
    """A block of 64 MB that is freed and asked for again must not be cleared by the system once more."""
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        pytest.skip("glibc alone is told")
    faults = subprocess.run(
        [sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True, timeout=120
    ).stdout.split()
    before, after = map(int, faults)
    assert before >= 10 * 32, "pages of 2 MB at most"
    assert after < before / 5


FAULTS = """
import resource
import numpy as np
from barva.training.device import keep_memory

def faults():
    for _ in range(2):
        np.ones(1 << 26, np.uint8)
    begin = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        np.ones(1 << 26, np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - begin

first = faults()
keep_memory()
print(first, faults())
"""
