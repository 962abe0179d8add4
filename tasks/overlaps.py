"""Dev examples that are test items of another task, known by hashes of their texts.

Whoever chooses a step on them chooses on the test. A task declares its own in ``Task.overlaps``; training leaves them
out of dev and says how many. ``docs/numbers.md`` has what was measured for every pair of dev and test.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from typing import TypeVar

from xharness.tasks.base import AnyTaskType, Example, Overlap

Item = TypeVar("Item", bound=Example)


def fingerprint(text: str) -> str:
    """12 hex digits of SHA-256 over the letters and digits of a text, after NFKC and case folding."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return hashlib.sha256("".join(filter(str.isalnum, plain)).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def shared(kind: AnyTaskType, examples: Sequence[Item], overlaps: Sequence[Overlap]) -> dict[str, list[Item]]:
    """The examples of a type that are test items of another task, by that task's name; only tasks that have any."""
    if not overlaps:
        return {}
    prints = [fingerprint(kind.text(example)) for example in examples]
    found = {
        overlap.test: [each for each, mark in zip(examples, prints, strict=True) if mark in overlap.fingerprints]
        for overlap in overlaps
    }
    return {test: items for test, items in found.items() if items}


# SHA-256 prefixes of the 240 paragraphs of xquad.en.json (github.com/google-deepmind/xquad), as :func:`fingerprint` has
# them. They were taken from the dev set of SQuAD 1.1 (Artetxe et al. 2020), and that of SQuAD 2.0 has them as well.
XQUAD = Overlap(
    test="xquad",
    fingerprints=frozenset(
        """
    00056394b9a6 00f0a568c9fb 027f330eb033 03ff7b50fb7d 0418988b1573 0457bb83c63a 04e21b1b3ace 054b1772841d 0a17c081562d
    0a8c252a0ff8 0ab6c140cef8 0b36e4a78073 0ded8a9a53ad 0e15fe7c8cb1 0ed748f87a97 0fc8709550a0 12f1183212dd 140f62fd5b76
    14289e7b639a 17761ab44df8 17768f1e364e 18246bd893f6 184d5303a881 196a7714b1c1 19ae3c997620 1ac313001fc6 1bf81ab7fa16
    1ca3a4804f74 1d1bb825fb53 1d4f8ace21af 1d5288658a6b 1dc84cf180d9 1f3f7abbb94f 2192966acd10 21c7839ff10b 2249898ff29b
    23253ee365f6 259f3a461480 28c179d8910e 291b0abea5ce 291fe31fb345 2a4b65cc4600 2b5a9a96243f 2d3be6d15164 2ec0cb000a41
    2f9a344a7ef7 2fab7ba6072e 30acc5585c1a 30f2d4e248d1 315a8030278e 31e1d0c84461 32d74470fce8 35bbecc12267 36a97248786a
    36e891272552 3c825d25c4af 3de49be9db42 3e20b85e8bc1 3ee125cdaad6 3f10f4cd38af 3fc23eb1f425 40b720b328c8 40c9237685b6
    4439c6394d91 454cf2423343 46ac513d2ae4 483b3daff690 486ee304b36a 48fa42b342ab 497bb3d82ac0 499c9913bdce 4cd8a0a495ed
    4d1ea204582b 4d3d72dad6ec 4e6776922fa4 4e87036c1feb 52fd325812da 547b6eb32ad7 5625f070e84d 59764489dcbb 5a1f87238931
    5a42537e6e2b 5c080dab68b3 5c54964b3d4f 6058614c78f9 6158f253a71a 61850180cc57 61dd28b85226 61ecfbc93cdc 62ee89f7134e
    64bd73589710 64dac3a3e94c 668a4ca42619 66a480a12122 66dde7027679 6701878891a8 6805ee0d4836 681e732e5b3e 68d1504a4434
    6a15aa647a29 6a659ea9dae4 6b8a8f2714b3 6bd766b64c2d 6c39c159d1d2 6e18dc48b196 6e78e5995e61 6e9c6e35e146 6ee4788419b3
    6f2d35189f84 6fd7c8779b29 710fa7f6c67e 71ec6533d884 722b8d002567 72b07dc60566 7310c9b66dc0 734c78059732 74b992ceb575
    74ffd1577068 76527bf0efb8 78277b11c1cc 790f3d73808b 7adb68a0846c 7b1e96e1b126 7b36a1050590 7c2ba7996cfd 7c80a559c920
    7cc21b8306af 7e23f31a955d 7efac6957607 7fcc6689640f 7ff244ed0ea5 80f24d707b27 816a5afa14d2 82acd0657a90 84e709b45baf
    860647e3601d 87a9937b10cc 888d4a829da7 8898426f2552 896572c3578e 8a4e1e945c15 8e9c057b9af4 8f3d1da15c85 90fb00e3a992
    9128f2b179d1 92fa7a76b2c4 944737e11d1b 94a65f71822a 95df471e0ea3 96aebcc3c3a1 987d66e3c4b9 98b9fb0301d6 9a8d2fa3efe6
    9cb5259f25ec 9d23b2df727a 9e4fa0379f36 a0b06117b78e a1cb4835c1e2 a21520a4f7a3 a2c3a24ccebe a2cc2a68af59 a47ae080d21a
    a6f8f55a7828 a747207eca49 a90e772b0dcc aa46adcd520c ae77e468c856 afd1ee6b1bac b00a22a49cbd b04e6759bad0 b0906f2d84b8
    b1de3d3ac5cd b2a0d99a1ce1 b4e54f30eac2 b514f919391b b57079bdd39c b6da45af0351 b71ac831274f b899e2c1dd5d ba272be79ed8
    bae026866a32 bb56f6be460e c2dca652cc21 c3dbf1abd406 c425c5f7d8cc c4ba47aba385 c52d0206a269 c68361e844a7 c7e232184689
    c82898a0d446 c901a1a5f91b ca7bd39fb7ad cafc851d3bd3 cc745a3c0b77 cccc151ee87c cd13557dfb95 cd9e2a36c1c8 ce54a41cf79d
    cec2b3cd2be3 d2d11524b513 d38265d7f1ed d4f9f3177cea d5c619c7c906 d61a88d063ee d703362a4dfe d8bd8603ab58 d917f8433aa6
    d9c1a9d9af1d d9d3e38cadc5 db00f1d7816c dc346d91a6be dd652b7847f1 de768a0e9629 decc4baa2172 df191e58fdb5 df2170ed2f91
    dfece1aee3c5 e0f6e303a3d0 e2a651a2d13d e341bd7170c8 e5ef018f9682 e604966f78d5 e6e1db6c4379 e80d0b2232e2 e83ef2ab53cb
    e987cb23fc2d ebe4d1cec13a ecd37d7d48b3 eed14803137c f2c46c02855d f2f6cc18ebb6 f39d9e968400 f45550dbb469 f60f25c571b9
    f6df91f034aa f72f8b3a597f fbb68568b067 fbbd1e9f6ac6 fbd0751efd52 ff68f18ebbb2
        """.split()
    ),
)
