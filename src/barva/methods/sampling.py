"""Samplers of diffusion models, in NumPy: from noise to chroma, in the letters of the papers.

| source | what is here |
|---|---|
| EDM: Karras et al. 2022, arXiv 2206.00364 | preconditioning, noise levels, Euler and Heun |
| Ho and Salimans 2022, arXiv 2207.12598 | classifier-free guidance |
| Consistency models: Song et al. 2023, arXiv 2303.01469 | the distilled sampler |
| SDEdit: Meng et al. 2022, arXiv 2108.01073 | starting from a draft with some noise |
| Palette: Saharia et al. 2022, arXiv 2111.05826 | the ancestral sampler, and its schedule |

`x` is (B, C, h, w) float32; sigma is a standard deviation of noise, D(x; sigma) a picture without noise. Randomness is
that of `noise`, whose seed the caller names: the same seed gives the same picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from barva.errors import UsageError, shorten
from barva.types import Double, Float
from barva.values import is_whole

Denoise = Callable[[Float, float], Float]
"""D(x; sigma)."""

Stream = Callable[[int], Float]
"""Standard noise number n."""

MOST_STEPS = 1000
"""Steps of one picture at most: as many as Palette takes."""


def check_steps(steps: object) -> int:
    """A number of steps, 1..`MOST_STEPS`. UsageError."""
    if not is_whole(steps, 1, MOST_STEPS):
        raise UsageError(
            "steps: a whole number from 1 to {most} is wanted, not {value}",
            code="sampling.steps",
            most=MOST_STEPS,
            value=shorten(steps),
        )
    return int(steps)


def noise(seed: int, shape: tuple[int, ...], stream: int = 0) -> Float:
    """Standard normal numbers that follow from `seed` alone (NumPy's PCG64); `stream` tells several of one seed
    apart."""
    return np.random.default_rng((seed, stream)).standard_normal(shape, np.float32)


# EDM, table 1, column "Ours"


def c_skip(sigma: float, sigma_data: float) -> float:
    return sigma_data**2 / (sigma**2 + sigma_data**2)


def c_out(sigma: float, sigma_data: float) -> float:
    return sigma * sigma_data / float(np.sqrt(sigma**2 + sigma_data**2))


def c_in(sigma: float, sigma_data: float) -> float:
    return 1 / float(np.sqrt(sigma**2 + sigma_data**2))


def c_noise(sigma: float) -> float:
    return float(np.log(sigma)) / 4


@dataclass(frozen=True)
class Levels:
    """The range of noise levels, and how they are spaced (EDM, table 1); `sigma_data` is the deviation of the data.
    `temperature` multiplies the noise that sampling begins with, and that is added between the steps of a distilled
    network: below 1, likelier and less varied samples."""

    sigma_data: float = 0.5
    sigma_min: float = 0.002
    sigma_max: float = 80.0
    rho: float = 7.0
    temperature: float = 1.0

    def at(self, share: float) -> float:
        """The level a share 0 (`sigma_max`) .. 1 (`sigma_min`) of the way down."""
        high, low = self.sigma_max ** (1 / self.rho), self.sigma_min ** (1 / self.rho)
        return float((high + share * (low - high)) ** self.rho)

    def steps(self, N: int, amount: float = 1.0) -> list[float]:
        """sigma_0 .. sigma_N of N steps, the last one 0 (EDM, equation 5). With `amount` below 1 they begin that share
        of the way up, as SDEdit does (section 3: t_0)."""
        first = 1 - amount
        return [*(self.at(first + (1 - first) * i / max(N - 1, 1)) for i in range(N)), 0.0]


def precondition(F: Callable[[Float, float], Float], sigma_data: float) -> Denoise:
    """D(x; sigma) of a raw network F (EDM, equation 7)."""

    def D(x: Float, sigma: float) -> Float:  # noqa: N802
        answer = F(x * np.float32(c_in(sigma, sigma_data)), c_noise(sigma))
        return np.asarray(c_skip(sigma, sigma_data) * x + c_out(sigma, sigma_data) * answer, np.float32)

    return D


def consistency_function(F: Callable[[Float, float], Float], levels: Levels) -> Denoise:
    """f(x, t) of a raw network F, which is x itself at `sigma_min` (Song et al. 2023, equation 5 and appendix C)."""

    def f(x: Float, t: float) -> Float:
        data, over = levels.sigma_data, t - levels.sigma_min
        skip = data**2 / (over**2 + data**2)
        out = data * over / float(np.sqrt(data**2 + t**2))
        answer = F(x * np.float32(c_in(t, data)), c_noise(t))
        return np.asarray(skip * x + out * answer, np.float32)

    return f


def guide(unconditional: Float | None, conditional: Float, w: float) -> Float:
    """(1 + w) conditional - w unconditional (Ho and Salimans 2022, equation 6); it holds for D as it does for the
    noise, both being affine in each other."""
    if unconditional is None or w == 0:
        return conditional
    return np.asarray((1 + w) * conditional - w * unconditional, np.float32)


def keep_known(D: Denoise, known: Float, keep: Float) -> Denoise:
    """D that answers `known` (B, C, h, w) where `keep` (h, w) is 1: then the path of each known place ends at its own
    color, and what is unknown is drawn given it (Song et al. 2021, arXiv 2011.13456, section 5 and appendix I.2)."""
    share = keep.astype(np.float32)

    def D_kept(x: Float, sigma: float) -> Float:  # noqa: N802
        answer = D(x, sigma)
        return answer + share * (known - answer)

    return D_kept


def euler(D: Denoise, x: Float, sigmas: Sequence[float]) -> Float:
    """From x at sigma_0 to sigma_N, one call of D a step (EDM, algorithm 1 without lines 6 to 8)."""
    for i in range(len(sigmas) - 1):
        d = (x - D(x, sigmas[i])) / np.float32(sigmas[i])
        x = x + np.float32(sigmas[i + 1] - sigmas[i]) * d
    return np.asarray(x, np.float32)


def heun(D: Denoise, x: Float, sigmas: Sequence[float]) -> Float:
    """From x at sigma_0 to sigma_N, two calls of D a step but the last (EDM, algorithm 1)."""
    for i in range(len(sigmas) - 1):
        t, t_next = sigmas[i], sigmas[i + 1]
        d = (x - D(x, t)) / np.float32(t)
        x_next = x + np.float32(t_next - t) * d
        if t_next > 0:
            d_prime = (x_next - D(x_next, t_next)) / np.float32(t_next)
            x_next = x + np.float32(t_next - t) * (d + d_prime) / 2
        x = x_next
    return np.asarray(x, np.float32)


def consistency(f: Denoise, x: Float, taus: Sequence[float], z: Stream, epsilon: float) -> Float:
    """One call of f a step (Song et al. 2023, algorithm 1).

    Args:
        f: the consistency function.
        x: noise at `taus[0]`.
        taus: falling noise levels above `epsilon`, where f is the identity.
        z: standard noise of the step n, of the shape of x.
        epsilon: the lowest noise level.
    """
    answer = f(x, taus[0])
    for n, tau in enumerate(taus[1:], start=1):
        spread = np.float32(np.sqrt(max(tau**2 - epsilon**2, 0.0)))
        answer = f(answer + spread * z(n), tau)
    return answer


def palette_gammas(T: int, first: float = 1e-4, last: float = 0.09) -> Double:
    """gamma_1 .. gamma_T, the share of signal after t steps: products of alpha = 1 - beta, beta rising in a line over
    the published 1000 steps (Saharia et al. 2022, section 4). T steps stop at every 1000 / T-th of these."""
    gammas = np.cumprod(1 - np.linspace(first, last, MOST_STEPS))
    stops = np.rint(np.arange(1, T + 1) * (MOST_STEPS / T)).astype(np.intp) - 1
    return np.asarray(gammas[stops], np.float64)


def ancestral(
    noise_of: Callable[[Float, float], Float],
    y: Float,
    gammas: Double,
    z: Stream,
    known: Float | None = None,
    keep: Float | None = None,
) -> Float:
    """Palette's inference (Saharia et al. 2022, algorithm 2): y_(t-1) = 1 / sqrt(alpha_t) (y_t - (1 - alpha_t) /
    sqrt(1 - gamma_t) f(x, y_t, gamma_t)) + sqrt(1 - alpha_t) z.

    Args:
        noise_of: f, the noise in y at the share gamma of signal.
        y: y_T, (B, C, h, w).
        gammas: gamma_1 .. gamma_T.
        z: standard noise number n: those of the steps, and above T those of what is kept.
        known, keep: chroma (B, C, h, w) that stays where `keep` (h, w) is 1.
    """
    for t in range(len(gammas), 0, -1):
        gamma, before = float(gammas[t - 1]), float(gammas[t - 2]) if t > 1 else 1.0
        alpha = gamma / before
        f = noise_of(y, gamma)
        mean = (y - np.float32((1 - alpha) / np.sqrt(1 - gamma)) * f) / np.float32(np.sqrt(alpha))
        y = np.asarray(mean if t == 1 else mean + np.float32(np.sqrt(1 - alpha)) * z(t), np.float32)
        if known is not None and keep is not None:
            there = np.float32(np.sqrt(before)) * known
            if t > 1:
                there = there + np.float32(np.sqrt(1 - before)) * z(len(gammas) + t)
            y = np.asarray(y + keep.astype(np.float32) * (there - y), np.float32)
    return y
