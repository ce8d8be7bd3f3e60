"""The words by which articles credit writers, name their dates and sources, in thirty languages."""

from __future__ import annotations

import re

from indexer.facts.calendars import MONTHS, WEEKDAYS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PUBLISHED_WORDS = (
    "published", "posted", "issued", "released", "filed", "veröffentlicht", "erschienen", "erstellt", "publié", "publiée",
    "paru", "publicado", "publicada", "creado", "pubblicato", "gepubliceerd", "geplaatst", "yayınlanma", "yayınlandı",
    "yayın", "yayımlanma", "eklenme", "giriş", "oluşturulma", "опубликовано", "опубликована", "опубликован", "опубліковано",
    "публикации", "публикация", "публикувано", "opublikowano", "publikacji", "dodano", "publicerad", "udgivet", "offentliggjort",
    "diterbitkan", "dipublikasikan", "نشر", "نُشر", "نشرت", "النشر", "انتشار", "منتشر", "شائع", "发布", "发表", "刊发", "公開", "掲載",
    "입력", "등록", "게시",
)  # fmt: skip
UPDATED_WORDS = (
    "updated", "modified", "edited", "revised", "update", "aktualisiert", "geändert", "mis à jour", "modifié", "actualizado",
    "actualizada", "modificado", "aggiornato", "atualizado", "bijgewerkt", "güncelleme", "güncellenme", "güncellendi",
    "обновлено", "изменено", "оновлено", "zaktualizowano", "aktualizacja", "uppdaterad", "opdateret", "diperbarui", "تحديث",
    "تعديل", "آخر تحديث", "بروزرسانی", "更新", "수정",
)  # fmt: skip
LABEL_WORDS = _words(
    """
    by on at and the published updated posted first last date am pm gmt est edt pst pdt utc et bst ist cst cet cest
    mst mdt cdt modified created filed ago min mins read minutes hours hour hrs local time     von um uhr veröffentlicht aktualisiert zuletzt stand geändert autor autorin datum redaktion lesezeit
    minuten der den vom par publié publiée le la mis mise à jour modifié auteur temps lecture rédaction dernière por
    publicado publicada actualizado actualizada el a las de del fecha hora redacción lectura última actualización di
    pubblicato aggiornato il alle ore redazione data lettura ultimo aggiornamento às em redação atualizado
    atualizada door gepubliceerd bijgewerkt op om uur leestijd laatst yayınlanma yayın yayınlandı güncelleme
    güncellenme tarihi tarih saat haber haberi yazar giriş son eklenme okuma süresi dakika опубликовано опубликована
    дата публикации время автор текст обновлено изменено мск просмотров в г года год от опубліковано оновлено час
    opublikowano aktualizacja publikacji dodano godz publicerad uppdaterad udgivet opdateret kl av af tekst text
    oleh penulis diterbitkan diperbarui pukul wib tanggal نشر نُشر النشر تاريخ في يوم الساعة تحديث آخر بتوقيت غرينتش
    بتاريخ الموافق ص م مساء صباحا كتب بقلم بواسطة تاریخ انتشار ساعت خبر کد نویسنده منتشر شده در روز 发布 发表 发布时间 发表时间
    发布日期 时间 日期 更新 更新时间 公開 掲載 更新日 入力 입력 수정 등록 기사입력 기사수정 승인
    """
)
"""Words that a date line needs and that say nothing else."""
AUTHOR_LABELS = (
    "written by", "reported by", "reporting by", "posted by", "words by", "story by", "text by", "by", "author", "authors",
    "reporter", "writer",
)  # fmt: skip
FOREIGN_AUTHOR_LABELS = (
    "von", "autor", "autorin", "ein beitrag von", "par", "auteur", "auteure", "écrit par", "propos recueillis par", "por",
    "autora", "redactor", "di", "a cura di", "autore", "autrice", "door", "haber", "haberi yapan", "yazar", "yazan", "muhabir",
    "автор", "текст", "корреспондент", "autorka", "tekst", "av", "af", "skribent", "oleh", "penulis", "reporter", "penulis berita",
    "بقلم", "كتب", "كتبت", "الكاتب", "الكاتبة", "إعداد", "تقرير", "بواسطة", "نویسنده", "خبرنگار", "گزارشگر", "گزارش", "تحریر",
)  # fmt: skip
NEED_COLON = _words(
    """
    haber muhabir yazar yazan текст корреспондент автор tekst autor autora autorin autorka auteur auteure autore
    autrice author authors reporter writer redactor skribent penulis تقرير كتب كتبت إعداد گزارش گزارشگر نویسنده
    خبرنگار الكاتب الكاتبة
    """
)
"""Author labels that are plain words as well: they need a colon behind them."""
CJK_AUTHOR = re.compile(
    r"(?:记者|記者|作者|撰文|文)\s*[:：/／]\s*(?P<name>[^\W\d_]{2,4}(?:[ 、·][^\W\d_]{2,4}){0,3})(?![^\W\d_])"
    r"|(?P<kr>[가-힣]{2,4})\s기자(?:\W|$)"
)
SOURCE_LABELS = (
    "sources?", "via", "credit", "quelle", "quellen", "fuente", "fuentes", "fonte", "bron", "kaynak", "источник", "джерело",
    "źródło", "källa", "kilde", "sumber", "المصدر", "منبع", "ماخذ", "来源", "來源", "稿源", "出典", "출처",
)  # fmt: skip
WEEKDAYS_AND_MONTHS = frozenset(WEEKDAYS) | frozenset(MONTHS)


def any_of(words: tuple[str, ...]) -> str:
    """The words as alternatives of a pattern, longer ones first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
