"""The networks against the source documents' tables: layers, sizes, parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from barva.errors import UsageError  # noqa: E402
from barva.models.classes import ClassesNet  # noqa: E402
from barva.models.discriminators import Judge, PatchJudge, Remembering  # noqa: E402
from barva.models.gan import FPN, Ager, UNet  # noqa: E402
from barva.models.regression import RegressionNet  # noqa: E402
from barva.training.objectives.classes import ClassesModel  # noqa: E402
from barva.training.objectives.gan import GanModel  # noqa: E402

REGRESSION = "64, 64 s2, 128, 128 s2, 256, 256 s2, 512, 256, 128, UP, 64, UP, 32, 2, UP"
"""Source document 003, all kernels 3 x 3."""

ZHANG = (
    [(64, 1, 1), (64, 2, 1)],
    [(128, 1, 1), (128, 2, 1)],
    [(256, 1, 1), (256, 1, 1), (256, 2, 1)],
    [(512, 1, 1)] * 3,
    [(512, 1, 2)] * 3,
    [(512, 1, 2)] * 3,
    [(512, 1, 1)] * 3,
    [(256, 1, 1)] * 2,
)
"""Zhang et al. 2016: (width, stride, dilation) of the 3 x 3 convolutions of each block; before the last block's two
there is a transposed one."""


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def convolutions(net: nn.Module) -> list[nn.Conv2d]:
    return [m for m in net.modules() if isinstance(m, nn.Conv2d)]


def described(net: RegressionNet) -> str:
    words = []
    for layer in net.layers:
        if isinstance(layer, nn.Conv2d):
            assert layer.kernel_size == (3, 3) and layer.padding == (1, 1)
            words.append(f"{layer.out_channels}" + (" s2" if layer.stride == (2, 2) else ""))
        elif isinstance(layer, nn.Upsample):
            words.append("UP")
    return ", ".join(words)


def test_regression_is_the_documents_table() -> None:
    net = RegressionNet()
    assert described(net) == REGRESSION
    assert len(convolutions(net)) == 12
    activations = [m for m in net.layers if isinstance(m, (nn.ReLU, nn.Tanh))]
    assert [type(m) for m in activations] == [nn.ReLU] * 11 + [nn.Tanh]
    assert described(RegressionNet(3)) == REGRESSION.replace(" 2,", " 3,")


@pytest.mark.parametrize("outputs", [2, 3])
def test_regression_keeps_the_size(outputs: int) -> None:
    with torch.device("meta"):
        assert RegressionNet(outputs)(torch.zeros(1, 1, 256, 256)).shape == (1, outputs, 256, 256)
    answer = RegressionNet(outputs)(torch.rand(1, 1, 24, 40) * 2 - 1)
    assert answer.shape == (1, outputs, 24, 40) and answer.abs().max() <= 1


def test_classes_is_zhangs_network() -> None:
    with torch.device("meta"):
        net = ClassesNet()
        assert net(torch.zeros(1, 1, 256, 256)).shape == (1, 313, 64, 64)
        assert ClassesNet(outputs=2)(torch.zeros(1, 1, 176, 176)).shape == (1, 2, 44, 44)
    assert len(net.blocks) == len(ZHANG)
    for block, rows in zip(net.blocks, ZHANG, strict=True):
        found = convolutions(block)
        assert [(c.out_channels, c.stride[0], c.dilation[0]) for c in found] == rows
        assert all(c.kernel_size == (3, 3) and c.padding == c.dilation for c in found)
        assert isinstance(block[-1], nn.BatchNorm2d)
        assert sum(isinstance(m, nn.ReLU) for m in block) == sum(isinstance(m, nn.BatchNorm2d) for m in block) * (
            len(block) // 2
        )
    (up,) = (m for m in net.modules() if isinstance(m, nn.ConvTranspose2d))
    assert up is net.blocks[7][0] and (up.out_channels, up.stride, up.kernel_size) == (256, (2, 2), (4, 4))
    assert net.head.kernel_size == (1, 1)
    assert 32e6 < parameters(net) < 33e6


def test_shipped_widths_fit() -> None:
    with torch.device("meta"):
        assert parameters(ClassesNet(ClassesModel().width)) < 7.4e6  # under 15 MB at two bytes each
        for generator in (UNet, FPN):
            assert parameters(generator(4, 2, GanModel().widths)) <= 7e6


@pytest.mark.parametrize("generator", [UNet, FPN])
@pytest.mark.parametrize("norm", ["batch", "group"])
def test_generators(generator: type[nn.Module], norm: str) -> None:
    x = torch.rand(2, 4, 32, 64)
    for half in (True, False):
        answer = generator(4, 2, (8, 12, 16), half, norm)(x)
        assert answer.shape == (2, 2, 16, 32) if half else (2, 2, 32, 64)
        assert answer.abs().max() <= 1
    assert not any(c.groups > 1 for c in convolutions(generator(4, 2, (8, 8, 8))))


def test_the_ager_adds_to_the_light() -> None:
    photo = torch.rand(2, 3, 16, 32)
    aged = Ager((8, 8))(photo)
    assert aged.shape == (2, 1, 16, 32)
    assert (aged - photo[:, :1]).abs().max() <= 1


@pytest.mark.parametrize(("layers", "expected"), [(5, 4), (7, 6)])
def test_judges_have_the_documents_layers(layers: int, expected: int) -> None:
    judge = Judge(6, layers, 8)
    assert len(convolutions(judge)) == expected  # and one pooling
    assert judge(torch.rand(3, 6, 32, 48)).shape == (3, 1)


@pytest.mark.parametrize("patch", [70, 34, 16])
def test_patches_are_as_large_as_they_say(patch: int) -> None:
    """The input pixels that move one verdict, group norm (which looks everywhere) taken out."""
    judge = PatchJudge(1, patch, 4)
    layers = [m for m in judge.convolutions if not isinstance(m, nn.GroupNorm)]
    x = torch.rand(1, 1, 160, 160, requires_grad=True)
    verdicts: Tensor = nn.Sequential(*layers)(x)
    verdicts[0, 0, verdicts.shape[2] // 2, verdicts.shape[3] // 2].backward()
    assert x.grad is not None
    seen = x.grad[0, 0] != 0
    assert (int(seen.any(0).sum()), int(seen.any(1).sum())) == (patch, patch)
    with pytest.raises(UsageError, match="70, 34, 16"):
        PatchJudge(1, 71)


def test_memory_is_bounded_mixed_and_saved() -> None:
    memory, judge = 6, PatchJudge(1, 16, 4)
    net = Remembering(judge, 1, memory)
    torch.manual_seed(0)
    first = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 1, 16, 16)
    assert torch.equal(net._exchange(first), first), "while it fills, pictures are shown as they are"
    for step in range(1, 8):
        shown = net._exchange(first + 4 * step)
        assert set(shown[:, 0, 0, 0].tolist()) <= set(range(4 * step + 4))
    assert net.kept.shape == (memory, 1, 16, 16) and int(net.filled) == memory
    assert shown[:, 0, 0, 0].min() < 28, "old pictures come back"
    assert len(set(net.kept[:, 0, 0, 0].tolist())) == memory, "none is kept twice"

    other = Remembering(PatchJudge(1, 16, 4), 1, memory)
    other.load_state_dict(net.state_dict())
    assert torch.equal(other.kept, net.kept) and int(other.filled) == memory
    torch.manual_seed(5)
    one = net._exchange(first)
    torch.manual_seed(5)
    assert torch.equal(one, other._exchange(first)), "a resumed run draws the same"

    kept = net.kept.clone()
    net(first)
    assert torch.equal(net.kept, kept), "only generated pictures are remembered"
    net(torch.rand(2, 1, 32, 32), remember=True)
    assert net.kept.shape[-1] == 32 and int(net.filled) == 2, "another size starts anew"


def test_each_process_remembers_its_own_pictures(tmp_path: Path) -> None:
    """Several processes share weights and batch statistics, but the pictures are each one's own."""
    from torch import distributed

    store = f"file://{tmp_path / 'store'}"
    distributed.init_process_group("gloo", init_method=store, rank=0, world_size=1)
    try:
        judge = Remembering(PatchJudge(3, 16, 4), 3, 4).to(memory_format=torch.channels_last)
        wrapped = nn.parallel.DistributedDataParallel(judge)
        wrapped(torch.rand(4, 3, 16, 16), remember=True)
        assert wrapped(torch.rand(2, 3, 32, 32), remember=True).isfinite().all(), "another stage's size"
    finally:
        distributed.destroy_process_group()
    assert judge.kept.shape == (4, 3, 32, 32) and int(judge.filled) == 2
