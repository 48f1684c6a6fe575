"""What the studio says, in English and Ukrainian."""

from __future__ import annotations

from typing import Final

from barva.methods.base import MethodCard
from barva.studio.locale.ukrainian import translate

LANGUAGES: Final = {"en": "English", "uk": "Українська"}

_TABLE: Final[dict[str, tuple[str, str]]] = {
    # start
    "tagline": ("Color for black-and-white photographs", "Колір для чорно-білих світлин"),
    "start.title": ("Drop a photograph here", "Перетягніть світлину сюди"),
    "start.title.touch": ("Color a photograph", "Розфарбуйте світлину"),
    "start.text": (
        "or paste one, or choose files. Everything stays on this computer.",
        "або вставте її, або виберіть файли. Усе лишається на цьому комп’ютері.",
    ),
    "start.text.touch": (
        "Choose photos of yours, or try an example. Everything stays on your own computer.",
        "Виберіть свої світлини або спробуйте приклад. Усе лишається на вашому комп’ютері.",
    ),
    "start.choose": ("Choose photos", "Вибрати світлини"),
    "start.scene": ("Open saved work", "Відкрити збережену роботу"),
    "start.examples": ("Or try an example", "Або спробуйте приклад"),
    "start.recent": ("Continue with", "Продовжити"),
    "start.all": ("All {count} photos", "Усі світлини: {count}"),
    "waits.title": ("Open {name}", "Відкрити {name}"),
    "waits.text": (
        "This scene was made with {name}. Choose that photo, and the scene goes to it.",
        "Цю сцену створено зі світлиною {name}. Виберіть її, і сцена перейде до неї.",
    ),
    "waits.any": (
        "A scene has no photo in it. Choose the photo that it is for.",
        "У файлі сцени світлини немає. Виберіть світлину, якої вона стосується.",
    ),
    "waits.choose": ("Choose the photo", "Вибрати світлину"),
    "drop": ("Drop to open", "Відпустіть, щоб відкрити"),
    "opening": ("Opening {name}", "Відкриваю {name}"),
    # bar
    "open": ("Open", "Відкрити"),
    "save": ("Save", "Зберегти"),
    "undo": ("Undo", "Скасувати"),
    "redo": ("Redo", "Повторити"),
    "help": ("Shortcuts", "Сполучення клавіш"),
    "theme": ("Light or dark", "Світла чи темна"),
    "theme.auto": ("Same as the system", "Як у системі"),
    "theme.light": ("Light", "Світла"),
    "theme.dark": ("Dark", "Темна"),
    "language": ("Language", "Мова"),
    "menu": ("Menu", "Меню"),
    "panel": ("Settings", "Налаштування"),
    "home": ("Start page", "Початкова сторінка"),
    "view": ("View", "Вигляд"),
    "view.after": ("After", "Після"),
    "view.split": ("Compare", "Порівняти"),
    "view.before": ("Before", "До"),
    # tools
    "tools": ("Tools", "Інструменти"),
    "tool.hand": ("Move the picture", "Рухати зображення"),
    "tool.point": ("Color a spot", "Задати колір точки"),
    "tool.stroke": ("Draw a stroke", "Провести мазок"),
    "tool.box": ("Draw a box", "Обвести рамкою"),
    "tool.grow": ("Select an object", "Виділити об’єкт"),
    "tool.lasso": ("Lasso", "Ласо"),
    "tool.brush": ("Selection brush", "Пензель виділення"),
    "short.hand": ("Move", "Рух"),
    "short.point": ("Spot", "Точка"),
    "short.stroke": ("Stroke", "Мазок"),
    "short.box": ("Box", "Рамка"),
    "short.grow": ("Object", "Об’єкт"),
    "short.lasso": ("Lasso", "Ласо"),
    "short.brush": ("Brush", "Пензель"),
    "mode": ("Selection", "Виділення"),
    "mode.new": ("New", "Нове"),
    "mode.add": ("Add", "Додати"),
    "mode.cut": ("Cut", "Відняти"),
    "reach": ("How far it spreads", "Поширення"),
    "radius": ("Brush size", "Розмір пензля"),
    # picture
    "stage": (
        "The photograph. Arrow keys move a cross, Enter clicks there, or begins and ends what the tool draws; "
        "question mark lists the shortcuts.",
        "Світлина. Стрілки рухають хрестик, Enter клацає там або починає й закінчує те, що малює інструмент; "
        "знак питання показує клавіші.",
    ),
    "coach": ("Click where a color is wrong", "Клацніть там, де колір неправильний"),
    "coach.touch": ("Tap where a color is wrong", "Торкніться там, де колір неправильний"),
    "points": ("Marks on the photograph", "Позначки на світлині"),
    "pending": ("New mark, no color yet", "Нова позначка, ще без кольору"),
    "point": ("Spot", "Точка"),
    "stroke": ("Stroke", "Мазок"),
    "box": ("Box", "Рамка"),
    "object": ("Object", "Об’єкт"),
    "group": ("Group", "Група"),
    "zoom": ("Zoom", "Масштаб"),
    "zoomIn": ("Zoom in", "Збільшити"),
    "zoomOut": ("Zoom out", "Зменшити"),
    "fit": ("Fit to the window, or full size", "Умістити у вікно або повний розмір"),
    "compare": ("Border between before and after", "Межа між до і після"),
    "before": ("Before", "До"),
    "after": ("After", "Після"),
    "worked": ("Colored", "Розфарбовано"),
    "working": ("Coloring…", "Розфарбовую…"),
    # popover
    "likely": ("Likely here", "Імовірно тут"),
    "recent": ("Recent", "Нещодавні"),
    "wheel": (
        "Color wheel: left and right turn the hue, up and down the saturation",
        "Колірне коло: ліворуч і праворуч — відтінок, угору й униз — насиченість",
    ),
    "hex": ("Color: a name or #rrggbb", "Колір: назва або #rrggbb"),
    "dropper": ("Pick from the picture or a reference", "Узяти з зображення чи зі зразка"),
    "remove": ("Delete", "Видалити"),
    "close": ("Close", "Закрити"),
    "name": ("Name", "Назва"),
    "none": ("This method suggests no colors", "Цей метод не пропонує кольорів"),
    # panel
    "tab.color": ("Color", "Колір"),
    "tab.scene": ("Scene", "Сцена"),
    "tab.photos": ("Photos", "Світлини"),
    "method": ("Method", "Метод"),
    "name.guided": ("Automatic, follows marks", "Автоматичний, зважає на позначки"),
    "name.classes": ("Automatic, by color classes", "Автоматичний, за класами кольорів"),
    "name.cyclegan": ("Automatic, trained without pairs", "Автоматичний, навчений без пар"),
    "name.gan": ("Automatic, vivid", "Автоматичний, яскравий"),
    "name.irony": ("From one reference photo", "За одним зразком"),
    "name.levin": ("From your marks only", "Лише за вашими позначками"),
    "name.references": ("From several reference photos", "За кількома зразками"),
    "name.regression": ("Automatic, muted", "Автоматичний, стриманий"),
    "name.welsh": ("From references, by lightness", "За зразками, за світлістю"),
    "method.follows": ("Follows: {kinds}", "Зважає на {kinds}"),
    "method.nothing": ("Your marks are applied afterwards", "Ваші позначки застосовуються після нього"),
    "kind.points": ("points", "точки"),
    "kind.strokes": ("strokes", "мазки"),
    "kind.regions": ("regions", "ділянки"),
    "kind.references": ("references", "зразки"),
    "kind.swatches": ("matched areas", "пари ділянок"),
    "kind.palette": ("palette", "палітру"),
    "vividness": ("Vividness", "Насиченість"),
    "strength": ("Strength of marks", "Сила позначок"),
    "variants": ("Variants", "Варіанти"),
    "variants.make": ("Show six variants", "Показати шість варіантів"),
    "variant": ("Variant {n}", "Варіант {n}"),
    "confidence": ("Show where it is unsure", "Показати, де метод не певен"),
    "confidence.none": ("This method does not say where it is unsure", "Цей метод не показує, де він не певен"),
    "references": ("References", "Зразки"),
    "references.text": ("Color photos to take colors from", "Кольорові світлини, з яких узяти кольори"),
    "references.add": ("Add a reference", "Додати зразок"),
    "reference": ("Reference {name}", "Зразок {name}"),
    "palette": ("Palette", "Палітра"),
    "palette.text": ("Keep the picture’s colors near these", "Тримати кольори близько до цих"),
    "palette.add": ("Add a color", "Додати колір"),
    "methods.compare": ("Compare methods", "Порівняти методи"),
    "notes": ("Notes", "Примітки"),
    # scene
    "scene.empty": (
        "Nothing is marked yet. Click a spot to give it a color, or select an object.",
        "Ще нічого не позначено. Клацніть на місце, щоб дати йому колір, або виділіть об’єкт.",
    ),
    "scene.group": ("New group", "Нова група"),
    "scene.show": ("On or off: {name}", "Увімкнути чи вимкнути: {name}"),
    "scene.rename": ("Name of {name}", "Назва: {name}"),
    "scene.recolor": ("Color of {name}", "Колір: {name}"),
    "scene.into": ("Group of {name}", "Група для: {name}"),
    "scene.top": ("— no group", "— без групи"),
    "scene.clear": ("Delete all", "Видалити все"),
    "origin.user": ("yours", "ваш"),
    "origin.network": ("suggested", "підказаний"),
    "origin.reference": ("from a reference", "зі зразка"),
    # photos
    "photos.add": ("Add photos", "Додати світлини"),
    "photos.color": ("Color all", "Розфарбувати всі"),
    "photos.apply": ("Apply this scene to all", "Застосувати цю сцену до всіх"),
    "photos.zip": ("Download finished", "Завантажити готові"),
    "photos.stop": ("Cancel", "Зупинити"),
    "photos.retry": ("Retry", "Ще раз"),
    "photos.remove": ("Remove {name}", "Прибрати {name}"),
    "photos.show": ("Show {name}", "Показати {name}"),
    "photos.progress": ("{done} of {count} finished", "Готово {done} з {count}"),
    "photos.removed": ("{name} was removed", "{name}: прибрано"),
    "photos.again": (
        "Edited since, colored again first: {count}. The download follows.",
        "Змінено після розфарбування: {count}. Спершу розфарбую їх, тоді почнеться завантаження.",
    ),
    "photos.loading": ("Downloading finished photos: {count}", "Завантажую готові світлини: {count}"),
    "apply.title": ("The scene of {name} for other photos", "Сцена світлини {name} для інших"),
    "apply.text": (
        "Marks go along in proportion. Before is at the left of each pair, with the scene at the right.",
        "Позначки переносяться пропорційно. У кожній парі ліворуч — як є, праворуч — зі сценою.",
    ),
    "apply.all": ("Choose all", "Вибрати всі"),
    "apply.none": ("Choose none", "Не вибирати жодної"),
    "apply.count": ("Chosen: {count}", "Вибрано: {count}"),
    "apply.do": ("Apply and color", "Застосувати й розфарбувати"),
    "apply.done": ("The scene went to other photos: {count}", "Сцену застосовано до інших світлин: {count}"),
    "apply.kept": (
        "Edited since and left as they are ({count}): {names}",
        "Змінено після того, тож лишаються як є ({count}): {names}",
    ),
    "cancel": ("Cancel", "Скасувати"),
    "state.edited": ("edited since it was finished", "змінено після розфарбування"),
    "state.open": ("not colored yet", "ще не розфарбовано"),
    "state.waiting": ("waiting", "чекає"),
    "state.running": ("coloring", "розфарбовується"),
    "state.done": ("finished", "готово"),
    "state.failed": ("failed", "не вдалося"),
    "state.cancelled": ("cancelled", "зупинено"),
    # save
    "save.title": ("Save", "Зберегти"),
    "save.photo": ("Photo", "Світлина"),
    "save.photo.text": ("Full size, with the file’s metadata", "Повний розмір, з метаданими файлу"),
    "save.format": ("Format", "Формат"),
    "save.same": ("As the original ({format})", "Як в оригіналі ({format})"),
    "save.scene": ("Scene", "Сцена"),
    "save.scene.text": ("Your marks and objects, to continue later", "Ваші позначки й об’єкти, щоб продовжити згодом"),
    "save.all": ("Everything", "Усе разом"),
    "save.all.text": ("Original, color photo and scene as a zip", "Оригінал, кольорова світлина і сцена в одному zip"),
    "saving": ("Preparing the file…", "Готую файл…"),
    "saved": ("Saved: {name}", "Збережено: {name}"),
    "autosaved": ("Your work is kept on this computer", "Робота зберігається на цьому комп’ютері"),
    # comparison
    "compare.title": ("Methods side by side", "Методи поруч"),
    "compare.run": ("Compare", "Порівняти"),
    "compare.take": ("Use", "Вибрати"),
    "compare.error": ("ΔE {value}", "ΔE {value}"),
    "seconds": ("{n} s", "{n} с"),
    # help
    "help.title": ("Keyboard shortcuts", "Сполучення клавіш"),
    "help.peek": ("Hold: show the original", "Утримувати: показати оригінал"),
    "help.zoom": ("Zoom in, out", "Збільшити, зменшити"),
    "help.fit": ("Fit to the window", "Умістити у вікно"),
    "help.full": ("Actual size (100 %)", "Справжній розмір (100 %)"),
    "help.space": ("Hold: move the picture", "Утримувати: рухати зображення"),
    "help.size": ("Smaller, larger brush", "Менший, більший пензель"),
    "help.modifiers": ("Add to, cut from the selection", "Додати до виділення, відняти від нього"),
    "help.aim": ("Aim and click with the keyboard", "Навести й клацнути з клавіатури"),
    "help.draw": ("Start drawing, draw, finish", "Почати малювати, малювати, закінчити"),
    "help.escape": ("Close", "Закрити"),
    # troubles
    "notice.reference": (
        "“{method}” takes its colors from a reference photo. Add one to color this photo with it.",
        "Метод «{method}» бере кольори зі зразка. Додайте зразок, щоб розфарбувати ним цю світлину.",
    ),
    "save.not": ("Not saved: {why}", "Не збережено: {why}"),
    "trouble": ("That did not work: {why}", "Не вдалося: {why}"),
    "trouble.network": ("The server did not answer", "Сервер не відповів"),
    "trouble.select": ("Select something first", "Спершу щось виділіть"),
    "connection": ("Connection lost, trying again…", "З’єднання втрачено, пробую знову…"),
    "connection.kept": (
        "Marks you make now are kept and sent when it is back.",
        "Позначки, які ви зробите зараз, збережуться й надійдуть, щойно воно відновиться.",
    ),
    "connection.needed": (
        "This has to wait until it is back.",
        "З цим доведеться зачекати, поки воно відновиться.",
    ),
    "connection.sent": ("Connected again: your edits have arrived", "З’єднання відновлено: ваші зміни надійшли"),
    "connection.lost": (
        "Edits that could not be kept: {n}. Their photo is no longer open.",
        "Не вдалося зберегти змін: {n}. Їхню світлину вже закрито.",
    ),
}


class Words:
    """The messages of one language; unknown languages speak English."""

    def __init__(self, language: str = "en") -> None:
        self.language = language if language in LANGUAGES else "en"
        self._column = list(LANGUAGES).index(self.language)

    def __call__(self, key: str, **values: object) -> str:
        text = _TABLE[key][self._column]
        return text.format(**values) if values else text

    def method(self, name: str) -> str:
        """What a method is called for people; its own name where nothing better is known, as for a plug-in."""
        return self(f"name.{name}") if f"name.{name}" in _TABLE else name

    def translate(self, text: str) -> str:
        """An error, a note, or a text of a method's card; what is not known in the page's language stays English."""
        return translate(text) if self.language == "uk" else text

    def card(self, card: MethodCard, name: str) -> str:
        """A card's `title`, `summary` or `caution`: in the card's own translation, or in the page's."""
        own = card.text(name, self.language)
        return own if own != card.text(name) else self.translate(own)

    def subset(self, *keys: str) -> dict[str, str]:
        """Several messages, for the picture."""
        return {key: self(key) for key in keys}


def preferred(header: str) -> str:
    """The first language of an Accept-Language header that the studio speaks."""
    for part in header.split(","):
        code = part.split(";")[0].strip().lower().split("-")[0]
        if code in LANGUAGES:
            return code
    return "en"
