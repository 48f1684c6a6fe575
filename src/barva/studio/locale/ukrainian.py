"""Ukrainian for texts that are written elsewhere, in English: errors, notes, and what methods' cards say."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

TEXTS: Final[dict[str, str]] = {
    # methods' cards
    "Guided classification": "Керована класифікація",
    "the default: automatic colours, obeys hints, knows how sure it is": (
        "звичайний метод: розфарбовує сам, слухається підказок, знає, наскільки певен"
    ),
    "Colorful Image Colorization": "Барвисте розфарбовування зображень",
    "classifies every place into chroma bins; blue skies, grey where it doubts; knows how sure it is": (
        "для кожного місця вибирає один із проміжків кольору; небо синє, а де сумнівається, там сіро; "
        "знає, наскільки певен"
    ),
    "it has seen 30,000 samples, the paper's 1.3 million photos: hardly nearer to the truth than grey": (
        "бачив 30 000 прикладів, а в статті їх 1,3 мільйона: до правди ледь ближче, ніж сіре"
    ),
    "CycleGAN": "CycleGAN",
    "learned from simulated old prints and other photos in colour; for archives without pairs": (
        "учився на вдавано старих відбитках і на інших, кольорових світлинах; для архівів без пар"
    ),
    "farther from the truth than grey: it never sees a photo together with its own colours": (
        "від правди далі, ніж сіре: ніколи не бачить світлини разом із її власними кольорами"
    ),
    "Mask-guided GAN": "GAN, керована масками",
    "vivid, plausible colours judged by a second network; obeys hints for objects": (
        "насичені правдоподібні кольори, які оцінює друга мережа; слухається підказок для об’єктів"
    ),
    "not nearer to the truth than grey: it is judged by what looks real, which may be any colour": (
        "до правди не ближче, ніж сіре: її оцінюють за правдоподібністю, а правдоподібним буває будь-який колір"
    ),
    "Colorization by example": "Розфарбовування за прикладом",
    "takes colours from one reference photo, region by region; knows how sure it is; needs a reference": (
        "бере кольори з одного зразка, ділянка за ділянкою; знає, наскільки певен; потребує зразка"
    ),
    "Scribbles by optimization": "Мазки й оптимізація",
    "spreads the colours of points and strokes along the light; without hints the photo stays grey": (
        "поширює кольори точок і мазків уздовж світла; без підказок світлина лишається сірою"
    ),
    "Intrinsic colorization from several references": "Власні кольори з кількох зразків",
    "takes colours from several reference photos that vote; knows how sure it is; needs a reference": (
        "бере кольори з кількох зразків, які голосують; знає, наскільки певен; потребує зразка"
    ),
    "VGG16-derived regression CNN": "Регресійна мережа на основі VGG16",
    "twelve convolutions trained for the mean colour; muted, quick, the historical baseline": (
        "дванадцять згорток, навчених середнього кольору; приглушено, швидко, історична точка відліку"
    ),
    "where it doubts it paints sepia; 30,000 samples, less than half a unit nearer to the truth than grey": (
        "де сумнівається, там сепія; 30 000 прикладів, до правди ближче за сіре менш ніж на пів одиниці"
    ),
    "Transferring color to greyscale images": "Перенесення кольору на сірі зображення",
    "takes colours from reference photos by lightness and roughness, or box by box": (
        "бере кольори зі зразків за світлістю й шорсткістю або рамка за рамкою"
    ),
    # errors of the studio: the page
    "there is no way '{}' to select": "немає способу вибирати «{}»",
    "nothing is selected": "нічого не вибрано",
    "a lasso needs at least three places": "ласо потребує щонайменше трьох місць",
    "there are {} marks already": "позначок уже {}, більше не можна",
    "a group cannot lie inside itself": "група не може лежати сама в собі",
    "there is no such group": "такої групи немає",
    "there is no such photo": "такої світлини немає",
    "there is no such example": "такого прикладу немає",
    "there is no such file among the {}": "цього файлу вже немає",
    "there is no such session, or no longer": "такої роботи немає або вже немає",
    "there is no such job, or no longer": "такого завдання немає або вже немає",
    "there is no such result, not yet or no longer": "такого результату ще немає або вже немає",
    # what comes in
    "{} is empty": "{}: файл порожній",
    "{} has no colors to take": "{}: тут немає кольорів, які можна взяти",
    "what this file holds is too large for a scene": "вміст цього файлу завеликий для сцени",
    "this zip holds no work of the studio": "у цьому zip немає роботи зі студії",
    "what this zip holds is too large": "вміст цього zip завеликий",
    "the zip is damaged": "zip пошкоджено",
    "this is no saved work: {}": "це не збережена робота: {}",
    "{}: a variant, a palette and names of references are wanted": (
        "{}: тут мають бути варіант, палітра й назви зразків"
    ),
    "a photo takes at most {} references, not {}": "світлина може мати щонайбільше {} зразків, а не {}",
    "a photo has at most {} bytes": "світлина може мати щонайбільше {} байтів",
    "a request has at most {} bytes": "за раз можна надіслати щонайбільше {} байтів",
    "a request has at most {} photos": "за раз можна надіслати щонайбільше світлин: {}",
    "the request ended before the photo did": "світлина надійшла не до кінця",
    "the request ended before its body did": "запит надійшов не до кінця",
    "the body is no JSON: {}": "у тілі запиту не JSON: {}",
    "the body is a JSON object: { ... }": "тілом запиту має бути об’єкт JSON: { ... }",
    "this has more than {} bytes": "тут понад {} байтів",
    "the photo or its metadata cannot be read": "світлину або її метадані не вдалося прочитати",
    "the request ended before the form did": "форма надійшла не до кінця",
    "the form cannot be read: {}": "форму не вдалося прочитати: {}",
    "send one photo, as the field 'photo' of a form or as the body; {} came": "надішліть одну світлину; надійшло {}",
    "send photos as multipart/form-data, or one photo alone as the body": (
        "надсилайте світлини як multipart/form-data або одну світлину як тіло запиту"
    ),
    "there is no file field {}; there are photo and reference": "немає поля {} для файлів; є photo і reference",
    "this has {} bytes, and {} are the most": "тут {} байтів, а можна щонайбільше {}",
    "guidance and scenes have at most {} marks and places": (
        "у підказках і сценах може бути щонайбільше {} позначок і місць"
    ),
    "all masks together have at most {} pixels, not {}": "усі маски разом можуть мати щонайбільше {} пікселів, а не {}",
    "{}.{}: paths are not read over the network; send the picture itself": (
        "{}.{}: шляхів із мережі студія не читає; надішліть саме зображення"
    ),
    "{}.png: a gray PNG in base64 is wanted": "{}.png: тут має бути сірий PNG у base64",
    "the photo has {} pages; {} are the most": "у світлини {} сторінок, а можна щонайбільше {}",
    "the pages have more than {} pixels together": "сторінки разом мають понад {} пікселів",
    # settings
    "vividness goes from 0 to 2, not {}": "насиченість буває від 0 до 2, а не {}",
    "strength goes from 0 to 1, not {}": "сила буває від 0 до 1, а не {}",
    "a seed goes from 0 to {}, not {}": "зерно буває від 0 до {}, а не {}",
    "variants go from 0 to {}, not {}": "варіанти бувають від 0 до {}, а не {}",
    "quality goes from 1 to 100, not {}": "якість буває від 1 до 100, а не {}",
    "there is no setting {}; there are {}": "немає налаштування {}; є {}",
    "{}: {} is wanted, not {}": "{}: тут має бути {}, а не {}",
    # room and disk
    "{} holds photos of an older studio, which this one cannot read: move that folder away, or name another one with "
    "--state": (
        "у {} лежать світлини старішої студії, яких ця не прочитає: перенесіть цю теку деінде або назвіть іншу через "
        "--state"
    ),
    "{} was written by another version of Barva: move that folder away, or name another one with --state": (
        "{} записала інша версія Barva: перенесіть цю теку деінде або назвіть іншу через --state"
    ),
    "{} is damaged: move it away, or name another folder with --state": (
        "{} пошкоджено: перенесіть цей файл деінде або назвіть іншу теку через --state"
    ),
    "the page sent an event that makes no sense: {}": "сторінка надіслала подію, яка нічого не означає: {}",
    "the page sent an event that makes no sense: mark": "сторінка надіслала подію, яка нічого не означає: позначка",
    "another program holds the studio's database": "базу даних студії зайняла інша програма",
    "the studio's database cannot be written: {}": "не вдається записати базу даних студії: {}",
    "this session has no history": "ця робота не має історії",
    "there is no such file among the scenes": "такого файлу серед сцен немає",
    "another server works in {}; --state names another folder for this one": (
        "у {} вже працює інший сервер; іншу теку для цього називає --state"
    ),
    "all sessions that this server keeps are in use; delete one, or come back later": (
        "усі роботи, які зберігає цей сервер, зараз відкриті; видаліть якусь або поверніться згодом"
    ),
    "your list already has all the photos that this server keeps for you: {}; remove some first": (
        "у списку вже стільки ваших світлин, скільки зберігає цей сервер: {}; спершу приберіть якісь"
    ),
    "too many connections of yours are in use": "забагато ваших з’єднань зараз зайнято",
    "the disk of the server is full; delete sessions or jobs, or make room on it": (
        "диск сервера заповнений; видаліть якісь роботи чи завдання або звільніть на ньому місце"
    ),
    "there are as many jobs as this server keeps; delete one, or come back later": (
        "завдань уже стільки, скільки зберігає цей сервер; видаліть якесь або поверніться згодом"
    ),
    "at most {} photos wait on this server; send fewer at a time": (
        "у черзі цього сервера щонайбільше світлин: {}; надсилайте менше за раз"
    ),
    "{} photos are waiting already; come back later": "у черзі вже {} світлин; поверніться згодом",
    "a job has 1 to {} photos, not {}": "у завданні від 1 до {} світлин, а не {}",
    "the folder {} cannot be made: {}": "не вдалося створити теку {}: {}",
    "{} cannot be written: {}": "не вдалося записати {}: {}",
    "No space left on device": "на диску не лишилося місця",
    "something went wrong inside; the server's log says what": (
        "щось пішло не так усередині; що саме, каже журнал сервера"
    ),
    # errors of the library that people meet most
    "{} takes its colours from a reference photo: give at least one": (
        "{} бере кольори зі зразка: додайте щонайменше один"
    ),
    "matching is texture or objects, not {}": "зіставляти можна за текстурою (texture) чи об’єктами (objects), а не {}",
    "{} matches objects anyway; matching is for irony, references and welsh": (
        "{} і так зіставляє об’єкти; спосіб зіставлення обирають для irony, references і welsh"
    ),
    "irony takes one reference, not {}: the method 'references' takes several": (
        "irony бере один зразок, а не {}; кілька зразків бере метод «references»"
    ),
    "{} is grey: it has no colours to give": "{}: тут усе сіре, кольорів немає",
    "{} is grey, or nearly: it has no colours to give": "{}: тут усе сіре або майже сіре, кольорів немає",
    "{} does not know how sure it is": "{} не знає, наскільки певен",
    "{} knows one answer only; 'guided' knows how likely each colour is": (
        "{} знає лише одну відповідь; наскільки ймовірний кожен колір, знає «guided»"
    ),
    "there is no color '{}'; did you mean {}?": "немає кольору «{}»; можливо, ви мали на увазі {}?",
    "there is no color '{}'": "немає кольору «{}»",
    "'{}' is no color: #rgb or #rrggbb is wanted": "«{}» не колір: має бути #rgb або #rrggbb",
    "'{}' is no color: three numbers are wanted in the brackets": "«{}» не колір: у дужках мають бути три числа",
    "'{}' is no color: L goes from 0 to 100, a and b from -128 to 128": (
        "«{}» не колір: L буває від 0 до 100, a і b — від -128 до 128"
    ),
    "'{}' is no color: numbers go from 0 to 255, or all from 0% to 100%": (
        "«{}» не колір: числа бувають від 0 до 255 або всі від 0% до 100%"
    ),
    "a color has at most {} characters, not {}": "колір має щонайбільше {} знаків, а не {}",
    "a color is missing: a name, #rrggbb, rgb(r, g, b) or lab(L, a, b) is wanted": (
        "бракує кольору: має бути назва, #rrggbb, rgb(r, g, b) або lab(L, a, b)"
    ),
    "{} is not a picture that Barva can read ({})": "{} — не зображення, яке Barva вміє читати ({})",
    "{} is damaged or cut off": "{}: файл пошкоджено або обрізано",
    "{} is {} x {} pixels, more than the limit of {}": "{} має {} × {} пікселів, а межа — {}",
    "{} lies outside the photo, which is {} x {} pixels": "{} лежить поза світлиною, яка має {} × {} пікселів",
    "there is no method '{}'{}": "немає методу «{}»",
    "the photo": "світлина",
    # notes
    "{} reference(s): colors taken where the photo shows like things": (
        "зразків: {}; кольори взято там, де світлина показує подібне"
    ),
    "{} does not follow hints natively: its answer was steered": (
        "{} сам не враховує підказок: його відповідь скеровано згодом"
    ),
    "{} is not the photo that the scene was made with: colours will differ": (
        "{} — не та світлина, з якою створено сцену: кольори будуть інші"
    ),
    "turned upright (EXIF orientation {})": "повернуто як слід (орієнтація EXIF {})",
    "turned upright (XMP orientation {})": "повернуто як слід (орієнтація XMP {})",
    "left out: {}": "не перенесено: {}",
    "{} has no place for {}: left out": "{} не має місця для таких даних: {}; їх не перенесено",
    "the C2PA manifest was carried over as it is: it no longer fits the pixels": (
        "маніфест C2PA перенесено як є: пікселям він уже не відповідає"
    ),
    "the EXIF block is broken: it was carried over as it is": "блок EXIF пошкоджено: його перенесено як є",
    "the EXIF block is broken: it was left out": "блок EXIF пошкоджено: його не перенесено",
    "{}: it was carried over as it is, without provenance": "{}: його перенесено як є, без відомостей про походження",
    "the XMP packet is nested too deeply": "у пакеті XMP завелика вкладеність",
    "the XMP packet holds too many elements": "у пакеті XMP забагато елементів",
    "the XMP packet holds a DTD or entities": "пакет XMP містить DTD або сутності",
    "the XMP packet is broken ({})": "пакет XMP пошкоджено ({})",
    "its ICC profile cannot be used and was ignored": "його профіль ICC непридатний, тож його не враховано",
    "the mask is {} x {} pixels, the photo {} x {}: it was scaled": (
        "маска має {} × {} пікселів, світлина — {} × {}: маску масштабовано"
    ),
    "{} lies over {}: the later mark wins": "{} лежить поверх {}: діє пізніша позначка",
    "{}: too light or too dark there for so strong a color; it is kept as strong as possible, {} ΔE from yours": (
        "{}: там надто світло або темно для такого насиченого кольору; узято найнасиченіший можливий, різниця {} ΔE"
    ),
}
"""English -> Ukrainian. `{}` stands for whatever is there, in the same order in both."""


def translate(text: str) -> str:
    """Ukrainian for an English text; what is not in the table stays as it is."""
    if text in TEXTS:
        return TEXTS[text]
    for pattern, ukrainian in _patterns():
        if found := pattern.fullmatch(text):
            return ukrainian.format(*map(translate, found.groups()))
    return text


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Those with something in between, the most particular first."""
    texts = [english for english in TEXTS if "{}" in english or "colo" in english]
    texts.sort(key=lambda text: -len(text.replace("{}", "")))
    return [(re.compile("(.+?)".join(map(_spelled, t.split("{}")))), TEXTS[t]) for t in texts]


def _spelled(text: str) -> str:
    """A pattern for a text in British or American spelling."""
    return re.sub("colou?r", "colou?r", re.escape(text))
