"""Recipes of the `gan` family: the mask-guided GAN of source document 000, one thing changed at a time, and pix2pix."""

from __future__ import annotations

from barva.training.objectives.gan import GanLoss, GanModel
from barva.training.recipe import Hints, Optim, Recipe
from barva.training.recipes.common import FILMED, SAMPLES, STAGES

# the first moment of GANs is short-lived (Radford et al. 2016); no decay, nothing to overfit in one pass
_ADAM = Optim("adam", lr=6e-4, decay=0.0, beta1=0.5, beta2=0.999, warmup=200)
# mask-guided: most photos come with hints, most of them whole regions
_MASKS = Hints(share=0.7, strokes=0.1, regions=0.6, wrong=0.4)


def gan_unet5_gated() -> Recipe:
    """The document's GAN: U-Net, discriminator of five layers, extra turns for whoever needs them; but Adam.

    Command: `barva train gan_unet5_gated --data SOURCE --run DIR`. Time: 7 minutes on two cores.
    Expect: CIEDE2000 12.31, 0.01 below gray (benchmarks/families.md).
    """
    return _gan(GanModel(), GanLoss())


def gan_unet5_alternating() -> Recipe:
    """As `gan_unet5_gated`, but one turn each.

    Command: `barva train gan_unet5_alternating --data SOURCE --run DIR`. Time: 5 minutes on two cores.
    Expect: CIEDE2000 12.38, 0.06 above gray (benchmarks/families.md).
    """
    return _gan(GanModel(), GanLoss(schedule="alternating"))


def gan_unet7_gated() -> Recipe:
    """As `gan_unet5_gated`, but with the planned discriminator of seven layers.

    Command: `barva train gan_unet7_gated --data SOURCE --run DIR`. Time: 8 minutes on two cores.
    Expect: CIEDE2000 12.33, 0.01 above gray (benchmarks/families.md).
    """
    return _gan(GanModel(layers="7"), GanLoss())


def gan_fpn5_gated() -> Recipe:
    """As `gan_unet5_gated`, but with the feature pyramid network as the generator.

    Command: `barva train gan_fpn5_gated --data SOURCE --run DIR`. Time: 6 minutes on two cores.
    Expect: CIEDE2000 12.25, 0.07 below gray (benchmarks/families.md).
    """
    return _gan(GanModel(generator="fpn"), GanLoss())


def gan_unet5_sgd() -> Recipe:
    """As `gan_unet5_gated`, but with stochastic gradient descent, the document's optimizer (with momentum 0.9).

    Command: `barva train gan_unet5_sgd --data SOURCE --run DIR`. Time: 5 minutes on two cores.
    Expect: CIEDE2000 12.34, 0.01 above gray (benchmarks/families.md).
    """
    return _gan(GanModel(), GanLoss(), Optim("sgd", lr=0.1, decay=0.0, beta1=0.9, warmup=200))


def gan_unet5_yuv() -> Recipe:
    """As `gan_unet5_gated`, but in YUV, the document's other color model.

    Command: `barva train gan_unet5_yuv --data SOURCE --run DIR`. Time: 6 minutes on two cores.
    Expect: CIEDE2000 12.49, 0.16 above gray (benchmarks/families.md).
    """
    return _gan(GanModel(space="yuv"), GanLoss())


def gan_pix2pix() -> Recipe:
    """pix2pix (Isola et al. 2017): PatchGAN, L1 weight 100, chroma at full size, no hints.

    The paper's patches of 70 px are a quarter of its pictures of 256 px; of ours of 64 px that is 16 px.
    For larger pictures: `--set model.patch=70`.

    Command: `barva train gan_pix2pix --data SOURCE --run DIR`. Time: 5 minutes on two cores.
    Expect: CIEDE2000 12.43, 0.10 above gray (benchmarks/families.md).
    """
    model = GanModel(half=False, layers="patch", patch=16)
    return _gan(model, GanLoss(schedule="alternating", content="l1", content_weight=100.0), hints=Hints(share=0.0))


def _gan(model: GanModel, loss: GanLoss, optim: Optim = _ADAM, hints: Hints = _MASKS) -> Recipe:
    return Recipe("gan", model, loss, STAGES, SAMPLES, optim=optim, hints=hints, filmed=FILMED)
