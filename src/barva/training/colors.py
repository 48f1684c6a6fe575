"""Color formulas in torch, for targets and for painting; `color.spaces` and `methods.decoding` are the reference.

Axes: B batch, C channels, H rows, W columns; the color axis is C. Element by element throughout, because autocast
would round a matrix product to eight bits.

| space | C | range |
|---|---|---|
| rgb | R, G, B, gamma-encoded sRGB | 0..1 |
| lab | L, a, b | 0..100, about -110..110 |
| uv | U, V of gamma-encoded R, G, B | -0.436..0.436, -0.615..0.615 |
| light, lightness | 1 | the networks' `L / 50 - 1` |
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from barva.color import bins, spaces
from barva.methods.decoding import AB_MAX, LUMA, NEWTON, U_SCALE, UV_MAX, V_SCALE

_RELATIVE = [[float(x) for x in row] for row in spaces.RGB_TO_XYZ / spaces.WHITE[:, None]]
_TO_RGB = [[float(x) for x in row] for row in spaces.RELATIVE_TO_RGB]
_DELTA = spaces.DELTA


def srgb_to_linear(v: Tensor) -> Tensor:
    """IEC 61966-2-1, 5.2."""
    return torch.where(v <= 0.04045, v / 12.92, ((v.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(v: Tensor) -> Tensor:
    """IEC 61966-2-1, 5.3."""
    return torch.where(v <= 0.0031308, 12.92 * v, 1.055 * v.clamp(min=0.0031308) ** (1 / 2.4) - 0.055)


def _mix(v: Tensor, matrix: list[list[float]]) -> Tensor:
    """`matrix @ v` over the channels, for rows that sum to 1, so that grays stay gray."""
    first, middle, last = v.unbind(1)
    d0, d2 = first - middle, last - middle
    return torch.stack([middle + row[0] * d0 + row[2] * d2 for row in matrix], 1)


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """(B, 3, H, W) to (B, 3, H, W) (CIE 15:2004 equations 8.3-8.11)."""
    t = _mix(srgb_to_linear(rgb), _RELATIVE)
    straight = t / (3 * _DELTA**2) + 4 / 29
    x, y, z = torch.where(t > _DELTA**3, t.clamp(min=_DELTA**3) ** (1 / 3), straight).unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def _expand(f: Tensor) -> Tensor:
    return torch.where(f > _DELTA, f**3, (f - 4 / 29) * (3 * _DELTA**2))


def lab_to_rgb(lab: Tensor) -> Tensor:
    """(B, 3, H, W) to (B, 3, H, W), not clipped."""
    L, a, b = lab.unbind(1)
    y = (L + 16) / 116
    return linear_to_srgb(_mix(_expand(torch.stack([y + a / 500, y, y - b / 200], 1)), _TO_RGB))


def rgb_to_uv(rgb: Tensor) -> Tensor:
    """(B, 3, H, W) to (B, 2, H, W) (source document 000, equations 1-3)."""
    r, g, b = rgb.unbind(1)
    y = LUMA[0] * r + LUMA[1] * g + LUMA[2] * b
    return torch.stack([U_SCALE * (b - y), V_SCALE * (r - y)], 1)


def uv_to_ab(light: Tensor, uv: Tensor) -> Tensor:
    """(B, 1, H, W) L 0..100 and (B, 2, H, W) to Lab chroma: `methods.decoding.uv_to_ab`, the explanation included."""
    b, r = uv[:, :1] / U_SCALE, uv[:, 1:] / V_SCALE
    d = torch.cat([r, -(LUMA[0] * r + LUMA[2] * b) / LUMA[1], b], 1)
    m = [float(x) for x in spaces.RGB_TO_XYZ[1]]
    wanted = _expand((light + 16) / 116)
    y = linear_to_srgb(wanted) - d.amin(1, keepdim=True)
    for _ in range(NEWTON):
        v = y + d
        slope = torch.where(v <= 0.04045, 1 / 12.92, (2.4 / 1.055) * ((v.clamp(min=0.04045) + 0.055) / 1.055) ** 1.4)
        y = y - (_dot(srgb_to_linear(v), m) - wanted) / _dot(slope, m)
    return rgb_to_lab(y + d)[:, 1:]


def _dot(v: Tensor, m: list[float]) -> Tensor:
    return m[0] * v[:, :1] + m[1] * v[:, 1:2] + m[2] * v[:, 2:]


def encode(space: str, lightness: Tensor, ab: Tensor) -> Tensor:
    """What a network with tanh is to answer, -1..1: (B, 2, H, W) for lab and yuv, (B, 3, H, W) for rgb.

    Made from the true lightness and `ab`, so that a hint that recolors `ab` recolors every space.
    """
    if space == "lab":
        return ab / AB_MAX
    rgb = lab_to_rgb(torch.cat([50 * lightness + 50, ab], 1))
    if space == "rgb":
        return (2 * rgb - 1).clamp(-1, 1)
    uv = rgb_to_uv(rgb)
    return torch.cat([uv[:, :1] / UV_MAX[0], uv[:, 1:] / UV_MAX[1]], 1).clamp(-1, 1)


def decode(space: str, answer: Tensor, light: Tensor) -> Tensor:
    """Lab chroma (B, 2, H, W) at the size of `light` (B, 1, H, W) of such an answer, which may be smaller."""
    answer = answer.float()
    if space == "lab":
        ab = AB_MAX * answer
    elif space == "rgb":
        ab = rgb_to_lab((answer + 1) / 2)[:, 1:]
    else:
        uv = torch.cat([answer[:, :1] * UV_MAX[0], answer[:, 1:] * UV_MAX[1]], 1)
        ab = uv_to_ab(50 * pool(light, answer) + 50, uv)
    return enlarge(ab, light)


def annealed_mean(logits: Tensor, temperature: float) -> Tensor:
    """Lab chroma (B, 2, H, W) of logits (B, Q, H, W) over the bins: Zhang et al. 2016, equation 5."""
    p = torch.softmax(logits / temperature, 1).permute(0, 2, 3, 1)
    ab: Tensor = p @ torch.from_numpy(bins.BINS).to(p.device)
    return ab.permute(0, 3, 1, 2)


def pool(planes: Tensor, like: Tensor) -> Tensor:
    """`planes` averaged over blocks down to the height and width of `like`."""
    factor = planes.shape[-1] // like.shape[-1]
    return planes if factor == 1 else F.avg_pool2d(planes, factor)


def enlarge(planes: Tensor, like: Tensor) -> Tensor:
    """`planes` enlarged to the height and width of `like`, bilinearly."""
    if planes.shape[-2:] == like.shape[-2:]:
        return planes
    size = (like.shape[-2], like.shape[-1])
    return F.interpolate(planes, size=size, mode="bilinear", align_corners=False)
