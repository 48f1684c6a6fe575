"""What the studio says, in English and Ukrainian."""

from __future__ import annotations

from typing import Final

from barva.studio.ukrainian import translated

LANGUAGES: Final = {"en": "English", "uk": "Українська"}

_TABLE: Final[dict[str, tuple[str, str]]] = {
    # start
    "tagline": ("Colour for black-and-white photographs", "Колір для чорно-білих світлин"),
    "start.title": ("Drop a photograph here", "Перетягніть світлину сюди"),
    "start.title.touch": ("Colour a photograph", "Розфарбуйте світлину"),
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
    "start.recent": ("Go on with", "Продовжити"),
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
    "help": ("Shortcuts", "Клавіші"),
    "theme": ("Light or dark", "Світла чи темна"),
    "theme.auto": ("As the system", "Як у системі"),
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
    "tool.point": ("Colour a spot", "Колір у точці"),
    "tool.stroke": ("Draw a stroke", "Провести мазок"),
    "tool.box": ("Draw a box", "Обвести рамкою"),
    "tool.grow": ("Select an object", "Вибрати об’єкт"),
    "tool.lasso": ("Lasso", "Ласо"),
    "tool.brush": ("Selection brush", "Пензель вибору"),
    "mode": ("Selection", "Вибір"),
    "mode.new": ("New", "Новий"),
    "mode.add": ("Add", "Додати"),
    "mode.cut": ("Cut", "Відняти"),
    "reach": ("How far it grows", "Як далеко росте"),
    "radius": ("Brush size", "Розмір пензля"),
    # picture
    "stage": (
        "The photograph. Arrow keys move a cross, Enter clicks there, or begins and ends what the tool draws; "
        "question mark lists the shortcuts.",
        "Світлина. Стрілки рухають хрестик, Enter натискає там або починає й закінчує те, що малює інструмент; "
        "знак питання показує клавіші.",
    ),
    "coach": ("Click where a colour is wrong", "Натисніть там, де колір хибний"),
    "coach.touch": ("Tap where a colour is wrong", "Торкніться там, де колір хибний"),
    "points": ("Marks on the photograph", "Позначки на світлині"),
    "pending": ("New mark without a colour", "Нова позначка без кольору"),
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
    "worked": ("Coloured", "Розфарбовано"),
    "working": ("Colouring…", "Розфарбовую…"),
    # popover
    "likely": ("Likely here", "Імовірно тут"),
    "recent": ("Recent", "Нещодавні"),
    "wheel": (
        "Colour wheel: left and right turn the hue, up and down the saturation",
        "Колірне коло: ліворуч і праворуч — відтінок, угору й униз — насиченість",
    ),
    "hex": ("Colour: a name or #rrggbb", "Колір: назва або #rrggbb"),
    "dropper": ("Pick from the picture or a reference", "Узяти з зображення чи зі зразка"),
    "remove": ("Delete", "Видалити"),
    "close": ("Close", "Закрити"),
    "name": ("Name", "Назва"),
    "none": ("This method does not say", "Цей метод не підказує"),
    # panel
    "tab.color": ("Colour", "Колір"),
    "tab.scene": ("Scene", "Сцена"),
    "tab.photos": ("Photos", "Світлини"),
    "method": ("Method", "Метод"),
    "method.accepts": ("Hears: {kinds}", "Чує: {kinds}"),
    "method.nothing": ("Marks steer it afterwards", "Позначки кермують ним згодом"),
    "kind.points": ("points", "точки"),
    "kind.strokes": ("strokes", "мазки"),
    "kind.regions": ("regions", "ділянки"),
    "kind.references": ("references", "зразки"),
    "kind.swatches": ("swatches", "пари ділянок"),
    "kind.palette": ("palette", "палітру"),
    "vividness": ("Vividness", "Насиченість"),
    "strength": ("Strength", "Сила"),
    "variants": ("Variants", "Варіанти"),
    "variants.make": ("Show six variants", "Показати шість варіантів"),
    "variant": ("Variant {n}", "Варіант {n}"),
    "confidence": ("Show where it is unsure", "Показати, де непевно"),
    "confidence.none": ("This method does not say where it is unsure", "Цей метод не показує, де він непевний"),
    "references": ("References", "Зразки"),
    "references.text": ("Colour photos to take colours from", "Кольорові світлини, з яких узяти кольори"),
    "references.add": ("Add a reference", "Додати зразок"),
    "reference": ("Reference {name}", "Зразок {name}"),
    "palette": ("Palette", "Палітра"),
    "palette.text": ("Keep the picture’s colours near these", "Тримати кольори близько до цих"),
    "palette.add": ("Add a colour", "Додати колір"),
    "methods.compare": ("Compare methods", "Порівняти методи"),
    "notes": ("Notes", "Примітки"),
    # scene
    "scene.empty": (
        "Nothing is marked yet. Click a spot to give it a colour, or select an object.",
        "Ще нічого не позначено. Натисніть на місце, щоб дати йому колір, або виберіть об’єкт.",
    ),
    "scene.group": ("New group", "Нова група"),
    "scene.show": ("On or off: {name}", "Увімкнути чи вимкнути: {name}"),
    "scene.rename": ("Name of {name}", "Назва: {name}"),
    "scene.recolor": ("Colour of {name}", "Колір: {name}"),
    "scene.into": ("Group of {name}", "Група для: {name}"),
    "scene.top": ("— no group", "— без групи"),
    "scene.clear": ("Delete all", "Видалити все"),
    "origin.user": ("yours", "ваш"),
    "origin.network": ("suggested", "підказаний"),
    "origin.reference": ("from a reference", "зі зразка"),
    # photos
    "photos.add": ("Add photos", "Додати світлини"),
    "photos.color": ("Colour all", "Розфарбувати всі"),
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
    "state.open": ("open", "відкрито"),
    "state.waiting": ("waiting", "чекає"),
    "state.running": ("colouring", "розфарбовується"),
    "state.done": ("finished", "готово"),
    "state.failed": ("failed", "не вдалося"),
    "state.cancelled": ("cancelled", "зупинено"),
    # save
    "save.title": ("Save", "Зберегти"),
    "save.photo": ("Photo", "Світлина"),
    "save.photo.text": ("Full size, with everything the file knew", "Повний розмір, з усім, що знав файл"),
    "save.format": ("Format", "Формат"),
    "save.same": ("As the original ({format})", "Як в оригіналі ({format})"),
    "save.scene": ("Scene", "Сцена"),
    "save.scene.text": ("Your marks and objects, to go on later", "Ваші позначки й об’єкти, щоб продовжити згодом"),
    "save.all": ("Everything", "Усе разом"),
    "save.all.text": ("Original, colour photo and scene as a zip", "Оригінал, кольорова світлина і сцена в одному zip"),
    "saving": ("Making the file…", "Готую файл…"),
    "saved": ("Saved: {name}", "Збережено: {name}"),
    "autosaved": ("Your work is kept on this computer", "Робота зберігається на цьому комп’ютері"),
    # comparison
    "compare.title": ("Methods side by side", "Методи поруч"),
    "compare.run": ("Compare", "Порівняти"),
    "compare.choose": ("Methods to compare", "Методи для порівняння"),
    "compare.take": ("Use", "Узяти"),
    "compare.truth": ("Scores against a colour original", "Оцінки проти кольорового оригіналу"),
    "compare.error": ("ΔE {value}", "ΔE {value}"),
    "seconds": ("{n} s", "{n} с"),
    # help
    "help.title": ("Keyboard shortcuts", "Клавіші"),
    "help.peek": ("Hold: the photo as it was", "Тримати: світлина, якою була"),
    "help.zoom": ("Zoom in, out", "Збільшити, зменшити"),
    "help.fit": ("Fit to the window", "Умістити у вікно"),
    "help.full": ("One pixel to one", "Піксель до пікселя"),
    "help.space": ("Hold: move the picture", "Тримати: рухати зображення"),
    "help.size": ("Brush smaller, larger", "Пензель менший, більший"),
    "help.modifiers": ("Add to, cut from the selection", "Додати до вибору, відняти від нього"),
    "help.aim": ("Aim and click by keyboard", "Цілитися й натискати клавіатурою"),
    "help.draw": ("Begin to draw, draw, end", "Почати малювати, малювати, закінчити"),
    "help.escape": ("Close", "Закрити"),
    # troubles
    "trouble": ("That did not work: {why}", "Не вдалося: {why}"),
    "trouble.network": ("The server did not answer", "Сервер не відповів"),
    "trouble.select": ("Select something first", "Спершу щось виберіть"),
    "connection": ("Connection lost, trying again…", "З’єднання втрачено, пробую знову…"),
}


class Words:
    """The messages of one language; unknown languages speak English."""

    def __init__(self, language: str = "en") -> None:
        self.language = language if language in LANGUAGES else "en"
        self._column = list(LANGUAGES).index(self.language)

    def __call__(self, key: str, **values: object) -> str:
        text = _TABLE[key][self._column]
        return text.format(**values) if values else text

    def said(self, text: str) -> str:
        """An error, a note, or a text of a method's card; what is not known in the page's language stays English."""
        return translated(text) if self.language == "uk" else text

    def some(self, *keys: str) -> dict[str, str]:
        """Several messages, for the picture."""
        return {key: self(key) for key in keys}


def preferred(header: str) -> str:
    """The first language of an Accept-Language header that the studio speaks."""
    for part in header.split(","):
        code = part.split(";")[0].strip().lower().split("-")[0]
        if code in LANGUAGES:
            return code
    return "en"
