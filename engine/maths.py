"""exp, log, expm1 and cos in plain arithmetic: the same bits in Python, scalar and side by side.

A C library's functions round differently from one machine to the next and know no lanes. These
are made of + - * / and moves of bits only, which IEEE 754 defines to the last digit.
"""

from __future__ import annotations

import struct
from math import floor, pi, sqrt

__all__ = ["bits", "cos", "exp", "expm1", "floor", "from_bits", "log", "pi", "sqrt"]

LOG2_E = 1.4426950408889634
LN2_HIGH = 6.93147180369123816490e-01  # its last 32 bits are 0: k times it is exact
LN2_LOW = 1.90821492927058770002e-10
TO_WHOLE = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to a whole number
ONE = 0x3FF0000000000000  # bits of 1.0
ROOT_HALF = 0x3FE6A09E667F3BCD  # bits of sqrt(1/2)
MANTISSA = 52
LARGEST = 709.0
SMALLEST = -708.0


def bits(x):
    """The bits of a number, as a whole number."""
    return struct.unpack("<q", struct.pack("<d", x))[0]


def from_bits(k):
    """The number that has these bits: the last 64, as machine code has no others."""
    return struct.unpack("<d", struct.pack("<Q", k & 0xFFFFFFFFFFFFFFFF))[0]


def exp_less_one(r):
    """exp(r) - 1 for abs(r) <= ln(2)/2: r + r**2 Q(r), in pairs so that few wait for each other.

    Q is the polynomial nearest to (exp(r) - 1 - r)/r**2, weighed by r**2 (within 4e-18 there).
    Source: Estrin 1960, Organization of computer systems.
    """
    r2 = r * r
    r4 = r2 * r2
    a = (0.5000000000000013 + r * 0.16666666666666685) + r2 * (
        0.0416666666665119 + r * 0.00833333333331633
    )
    b = (0.0013888888947786178 + r * 0.0001984126989789204) + r2 * (
        2.480148925221258e-05 + r * 2.755723352968756e-06
    )
    c = 2.76314984212987e-07 + r * 2.5112454311242147e-08
    return r + r2 * (a + r4 * (b + r4 * c))


def exp(x):
    """e to a power; beyond -708 and 709 as at those."""
    x = min(max(x, SMALLEST), LARGEST)
    t = x * LOG2_E + TO_WHOLE
    k = t - TO_WHOLE
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    return from_bits(bits(1.0 + exp_less_one(r)) + (bits(t) << MANTISSA))


def expm1(x):
    """e to a power less one, exact near 0."""
    x = min(max(x, SMALLEST), LARGEST)
    t = x * LOG2_E + TO_WHOLE
    k = t - TO_WHOLE
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    scale = from_bits((bits(t) << MANTISSA) + ONE)
    return scale * exp_less_one(r) + (scale - 1.0)


def log(x):
    """Natural logarithm of a positive normal number.

        log(1 + f) = 2 artanh(s) = f - s f + 2 s z Q(z),  s = f/(2 + f),  z = s**2

    Q is the polynomial nearest to (artanh(s)/s - 1)/z, weighed by z (within 2e-18 there).
    """
    whole = bits(x)
    k = (whole - ROOT_HALF) >> MANTISSA
    f = from_bits(whole - (k << MANTISSA)) - 1.0
    power = float(k)
    s = f / (2.0 + f)
    z = s * s
    z2 = z * z
    a = (0.3333333333333368 + z * 0.19999999999702536) + z2 * (
        0.14285714372069444 + z * 0.11111099209596192
    )
    b = (0.0909178569209866 + z * 0.07656944021169777) + z2 * 0.0739871755475051
    q = a + z2 * z2 * b
    return power * LN2_HIGH + (f - (s * f - (2.0 * s * z * q + power * LN2_LOW)))


def cos(x):
    """Cosine, for angles of a few turns."""
    k = x * (2.0 / pi) + TO_WHOLE - TO_WHOLE
    r = (x - k * 1.5707963267341256e00) - k * 6.0771005065061922e-11
    z = r * r
    even = 1.0 / 20922789888000.0
    even = -1.0 / 87178291200.0 + z * even
    even = 1.0 / 479001600.0 + z * even
    even = -1.0 / 3628800.0 + z * even
    even = 1.0 / 40320.0 + z * even
    even = -1.0 / 720.0 + z * even
    even = 1.0 / 24.0 + z * even
    even = 1.0 + z * (-0.5 + z * even)
    odd = -1.0 / 1307674368000.0
    odd = 1.0 / 6227020800.0 + z * odd
    odd = -1.0 / 39916800.0 + z * odd
    odd = 1.0 / 362880.0 + z * odd
    odd = -1.0 / 5040.0 + z * odd
    odd = 1.0 / 120.0 + z * odd
    odd = r + r * z * (-1.0 / 6.0 + z * odd)
    quarter = int(k) & 3
    found = odd if quarter & 1 == 1 else even
    return -found if quarter == 1 or quarter == 2 else found
