"""Languages of newer benchmarks, beside those of XTREME and XTREME-R, and how data sets spell languages.

Families are those that SIB-200 and Belebele publish, in the words of :mod:`xharness.tasks.languages`, which has the
columns; a language that CC-100 does not have has no text there.
"""

from __future__ import annotations

TABLE = """
ace | Acehnese              | Austronesian   | Latin      |    0
acm | Mesopotamian Arabic   | Afro-Asiatic   | Arabic     |    0
acq | Ta'izzi-Adeni Arabic  | Afro-Asiatic   | Arabic     |    0
aeb | Tunisian Arabic       | Afro-Asiatic   | Arabic     |    0
ajp | South Levantine Arabic | Afro-Asiatic  | Arabic     |    0
ak  | Akan                  | Niger-Congo    | Latin      |    0
am  | Amharic               | Afro-Asiatic   | Ethiopic   |  0.8
apc | North Levantine Arabic | Afro-Asiatic  | Arabic     |    0
ars | Najdi Arabic          | Afro-Asiatic   | Arabic     |    0
ary | Moroccan Arabic       | Afro-Asiatic   | Arabic     |    0
arz | Egyptian Arabic       | Afro-Asiatic   | Arabic     |    0
as  | Assamese              | Indo-Aryan     | Bengali    |  0.1
ast | Asturian              | Romance        | Latin      |    0
awa | Awadhi                | Indo-Aryan     | Devanagari |    0
ay  | Aymara                | Aymaran        | Latin      |    0
azb | South Azerbaijani     | Turkic         | Arabic     |    0
ba  | Bashkir               | Turkic         | Cyrillic   |    0
ban | Balinese              | Austronesian   | Latin      |    0
bbj | Ghomala               | Niger-Congo    | Latin      |    0
be  | Belarusian            | Slavic         | Cyrillic   |  4.3
bem | Bemba                 | Niger-Congo    | Latin      |    0
bho | Bhojpuri              | Indo-Aryan     | Devanagari |    0
bjn | Banjar                | Austronesian   | Latin      |    0
bm  | Bambara               | Mande          | Latin      |    0
bo  | Tibetan               | Sino-Tibetan   | Tibetan    |    0
bs  | Bosnian               | Slavic         | Latin      |  0.1
bug | Buginese              | Austronesian   | Latin      |    0
bzd | Bribri                | Chibchan       | Latin      |    0
ca  | Catalan               | Romance        | Latin      | 10.1
ceb | Cebuano               | Austronesian   | Latin      |    0
cjk | Chokwe                | Niger-Congo    | Latin      |    0
ckb | Central Kurdish       | Iranian        | Arabic     |    0
cni | Asháninka             | Arawakan       | Latin      |    0
crh | Crimean Tatar         | Turkic         | Latin      |    0
cs  | Czech                 | Slavic         | Latin      | 16.3
cy  | Welsh                 | Celtic         | Latin      |  0.8
da  | Danish                | Germanic       | Latin      | 45.6
dik | Southwestern Dinka    | Nilo-Saharan   | Latin      |    0
dv  | Dhivehi               | Indo-Aryan     | Thaana     |    0
dyu | Dyula                 | Mande          | Latin      |    0
dz  | Dzongkha              | Sino-Tibetan   | Tibetan    |    0
ee  | Ewe                   | Niger-Congo    | Latin      |    0
eo  | Esperanto             | Constructed    | Latin      |  0.9
fj  | Fijian                | Austronesian   | Latin      |    0
fo  | Faroese               | Germanic       | Latin      |    0
fon | Fon                   | Niger-Congo    | Latin      |    0
fuc | Pulaar                | Niger-Congo    | Latin      |    0
fur | Friulian              | Romance        | Latin      |    0
fuv | Nigerian Fulfulde     | Niger-Congo    | Latin      |    0
ga  | Irish                 | Celtic         | Latin      |  0.5
gd  | Scottish Gaelic       | Celtic         | Latin      |  0.1
gl  | Galician              | Romance        | Latin      |  2.9
gn  | Guarani               | Tupian         | Latin      |    0
gsw | Swiss German          | Germanic       | Latin      |    0
hch | Wixárika              | Uto-Aztecan    | Latin      |    0
hmn | Hmong                 | Hmong-Mien     | Latin      |    0
hne | Chhattisgarhi         | Indo-Aryan     | Devanagari |    0
hr  | Croatian              | Slavic         | Latin      | 20.5
hy  | Armenian              | Armenian       | Armenian   |  5.5
ig  | Igbo                  | Niger-Congo    | Latin      |    0
ilo | Ilocano               | Austronesian   | Latin      |    0
is  | Icelandic             | Germanic       | Latin      |  3.2
kab | Kabyle                | Afro-Asiatic   | Latin      |    0
kac | Jingpho               | Sino-Tibetan   | Latin      |    0
kam | Kamba                 | Niger-Congo    | Latin      |    0
kbp | Kabiyè                | Niger-Congo    | Latin      |    0
kea | Kabuverdianu          | Creole         | Latin      |    0
kg  | Kikongo               | Niger-Congo    | Latin      |    0
ki  | Kikuyu                | Niger-Congo    | Latin      |    0
km  | Khmer                 | Austro-Asiatic | Khmer      |  1.5
kmb | Kimbundu              | Niger-Congo    | Latin      |    0
kmr | Northern Kurdish      | Iranian        | Latin      |  0.4
kn  | Kannada               | Dravidian      | Kannada    |  3.3
knc | Central Kanuri        | Nilo-Saharan   | Latin      |    0
ks  | Kashmiri              | Indo-Aryan     | Arabic     |    0
ky  | Kyrgyz                | Turkic         | Cyrillic   |  1.2
lb  | Luxembourgish         | Germanic       | Latin      |    0
lg  | Luganda               | Niger-Congo    | Latin      |    0
li  | Limburgish            | Germanic       | Latin      |    0
lij | Ligurian              | Romance        | Latin      |    0
lmo | Lombard               | Romance        | Latin      |    0
ln  | Lingala               | Niger-Congo    | Latin      |    0
lo  | Lao                   | Kra-Dai        | Lao        |  0.6
ltg | Latgalian             | Baltic         | Latin      |    0
lua | Luba-Kasai            | Niger-Congo    | Latin      |    0
luo | Luo                   | Nilo-Saharan   | Latin      |    0
lus | Mizo                  | Sino-Tibetan   | Latin      |    0
lv  | Latvian               | Baltic         | Latin      |  8.8
mag | Magahi                | Indo-Aryan     | Devanagari |    0
mai | Maithili              | Indo-Aryan     | Devanagari |    0
mey | Hassaniya Arabic      | Afro-Asiatic   | Arabic     |    0
mg  | Malagasy              | Austronesian   | Latin      |  0.2
mi  | Maori                 | Austronesian   | Latin      |    0
min | Minangkabau           | Austronesian   | Latin      |    0
mk  | Macedonian            | Slavic         | Cyrillic   |  4.8
mn  | Mongolian             | Mongolic       | Cyrillic   |  3.0
mni | Meitei                | Sino-Tibetan   | Bengali    |    0
mos | Mossi                 | Niger-Congo    | Latin      |    0
mt  | Maltese               | Afro-Asiatic   | Latin      |    0
nah | Nahuatl               | Uto-Aztecan    | Latin      |    0
nb  | Norwegian Bokmål      | Germanic       | Latin      | 49.0
nd  | Northern Ndebele      | Niger-Congo    | Latin      |    0
ne  | Nepali                | Indo-Aryan     | Devanagari |  3.8
nn  | Norwegian Nynorsk     | Germanic       | Latin      |    0
nqo | N'Ko                  | Mande          | N'Ko       |    0
nso | Northern Sotho        | Niger-Congo    | Latin      |    0
nus | Nuer                  | Nilo-Saharan   | Latin      |    0
ny  | Chichewa              | Niger-Congo    | Latin      |    0
oc  | Occitan               | Romance        | Latin      |    0
om  | Oromo                 | Afro-Asiatic   | Latin      |  0.1
or  | Odia                  | Indo-Aryan     | Oriya      |  0.6
oto | Otomí                 | Oto-Manguean   | Latin      |    0
pag | Pangasinan            | Austronesian   | Latin      |    0
pap | Papiamento            | Creole         | Latin      |    0
pcm | Nigerian Pidgin       | Creole         | Latin      |    0
prs | Dari                  | Iranian        | Arabic     |    0
ps  | Pashto                | Iranian        | Arabic     |  0.7
rn  | Rundi                 | Niger-Congo    | Latin      |    0
rw  | Kinyarwanda           | Niger-Congo    | Latin      |    0
sa  | Sanskrit              | Indo-Aryan     | Devanagari |  0.3
sat | Santali               | Austro-Asiatic | Ol Chiki   |    0
sc  | Sardinian             | Romance        | Latin      |    0
scn | Sicilian              | Romance        | Latin      |    0
sd  | Sindhi                | Indo-Aryan     | Arabic     |  0.4
sg  | Sango                 | Creole         | Latin      |    0
shi | Tachelhit             | Afro-Asiatic   | Latin      |    0
shn | Shan                  | Kra-Dai        | Burmese    |    0
shp | Shipibo-Konibo        | Panoan         | Latin      |    0
si  | Sinhala               | Indo-Aryan     | Sinhala    |  3.6
sk  | Slovak                | Slavic         | Latin      | 23.2
sl  | Slovenian             | Slavic         | Latin      | 10.3
sm  | Samoan                | Austronesian   | Latin      |    0
sn  | Shona                 | Niger-Congo    | Latin      |    0
so  | Somali                | Afro-Asiatic   | Latin      |  0.4
sq  | Albanian              | Albanian       | Latin      |  5.4
sr  | Serbian               | Slavic         | Cyrillic   |  9.1
ss  | Swati                 | Niger-Congo    | Latin      |    0
st  | Southern Sotho        | Niger-Congo    | Latin      |    0
su  | Sundanese             | Austronesian   | Latin      |  0.1
sv  | Swedish               | Germanic       | Latin      | 12.1
szl | Silesian              | Slavic         | Latin      |    0
taq | Tamasheq              | Afro-Asiatic   | Latin      |    0
tar | Rarámuri              | Uto-Aztecan    | Latin      |    0
tg  | Tajik                 | Iranian        | Cyrillic   |    0
ti  | Tigrinya              | Afro-Asiatic   | Ethiopic   |    0
tk  | Turkmen               | Turkic         | Latin      |    0
tn  | Tswana                | Niger-Congo    | Latin      |    0
to  | Tongan                | Austronesian   | Latin      |    0
tpi | Tok Pisin             | Creole         | Latin      |    0
ts  | Tsonga                | Niger-Congo    | Latin      |    0
tt  | Tatar                 | Turkic         | Cyrillic   |    0
tum | Tumbuka               | Niger-Congo    | Latin      |    0
tw  | Twi                   | Niger-Congo    | Latin      |    0
ty  | Tahitian              | Austronesian   | Latin      |    0
tzm | Central Atlas Tamazight | Afro-Asiatic | Tifinagh   |    0
ug  | Uyghur                | Turkic         | Arabic     |  0.4
umb | Umbundu               | Niger-Congo    | Latin      |    0
uz  | Uzbek                 | Turkic         | Latin      |  0.7
ve  | Venda                 | Niger-Congo    | Latin      |    0
vec | Venetian              | Romance        | Latin      |    0
war | Waray                 | Austronesian   | Latin      |    0
xh  | Xhosa                 | Niger-Congo    | Latin      |  0.1
yi  | Yiddish               | Germanic       | Hebrew     |  0.3
yue | Cantonese             | Sino-Tibetan   | Traditional Chinese|    0
zu  | Zulu                  | Niger-Congo    | Latin      |    0
"""

_SPELLINGS = """
af afr, ak aka, am amh, ar ara arb, as asm, ay ayr aym, az aze azj, ba bak, be bel, bg bul, bm bam, bn ben, bo bod,
bs bos, ca cat, cs ces, cy cym, da dan, de deu, dv div, dz dzo, ee ewe, el ell, en eng, eo epo, es spa, et est, eu eus,
fa fas pes, fi fin, fj fij, fo fao, fr fra, ga gle, gd gla, gl glg, gn grn, gu guj, ha hau, he heb, hi hin, hr hrv,
ht hat, hu hun, hy hye, id ind, ig ibo, is isl, it ita, ja jpn, jv jav, ka kat, kg kon, ki kik, kk kaz, km khm, kn kan,
ko kor, ks kas, ky kir, lb ltz, lg lug, li lim, ln lin, lo lao, lt lit, lv lav lvs, mg mlg plt, mi mri, mk mkd, ml mal,
mn mon khk, mr mar, ms msa zsm, mt mlt, my mya, nb nob, nd nde, ne nep npi, nl nld, nn nno, ny nya, oc oci, om orm gaz,
or ory, pa pan, pl pol, ps pus pbt, pt por, qu quy, rn run, ro ron, ru rus, rw kin, sa san, sc srd, sd snd, sg sag,
si sin, sk slk, sl slv, sm smo, sn sna, so som, sq sqi als, sr srp, ss ssw, st sot, su sun, sv swe, sw swa swh, ta tam,
te tel, tg tgk, th tha, ti tir, tk tuk, tl tgl fil, tn tsn, to ton, tr tur, ts tso, tt tat, tw twi, ty tah, ug uig,
uk ukr, ur urd, uz uzb uzn, ve ven, vi vie, wo wol, xh xho, yi ydd, yo yor, zh zho cmn, zu zul
"""

SPELLINGS = {other: code for code, *others in (entry.split() for entry in _SPELLINGS.split(",")) for other in others}
"""The codes of three letters that data sets have for languages with one of two, to that one."""

SCRIPTS = {
    "Arab": "Arabic", "Armn": "Armenian", "Beng": "Bengali", "Cyrl": "Cyrillic", "Deva": "Devanagari",
    "Ethi": "Ethiopic", "Geor": "Georgian", "Grek": "Greek", "Gujr": "Gujarati", "Guru": "Gurmukhi", "Hang": "Hangul",
    "Hans": "Chinese", "Hant": "Traditional Chinese", "Hebr": "Hebrew", "Jpan": "Japanese", "Khmr": "Khmer",
    "Knda": "Kannada", "Laoo": "Lao", "Latn": "Latin", "Mlym": "Malayalam", "Mymr": "Burmese", "Nkoo": "N'Ko",
    "Olck": "Ol Chiki", "Orya": "Oriya", "Sinh": "Sinhala", "Taml": "Tamil", "Telu": "Telugu", "Tfng": "Tifinagh",
    "Thai": "Thai", "Tibt": "Tibetan",
}  # fmt: skip
"""ISO 15924 to the words of the table."""

REGIONS = {
    "africa": (
        "aeb af ak am ary arz bbj bem bm cjk dik dyu ee fon fuc fuv ha ig kab kam kbp kea kg ki kmb knc knc-Arab lg ln "
        "lua luo mey mg mos nd nqo nso nus ny om pcm rn rw sg shi sn so ss st sw taq taq-Tfng ti tn ts tum tw tzm umb "
        "ve wo xh yo zu"
    ),
    "americas": "ay bzd cni gn hch ht nah oto pap qu shp tar",
}
"""Languages that are spoken mostly there; ``--langs`` takes the names."""
