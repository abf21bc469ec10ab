"""Which titles report one happening, and which do not."""

import pytest

from aggregator.text.genre import Genre, genre_of

TITLES = [
    ("en", "Morning briefing: what happened overnight", Genre.ROUNDUP),
    ("en", "Five things you need to know today", Genre.ROUNDUP),
    ("en", "Today’s headlines", Genre.ROUNDUP),
    ("en", "Top stories of the day", Genre.ROUNDUP),
    ("en", "The week in review", Genre.ROUNDUP),
    ("en", "Live updates: Taliban enter Kabul", Genre.LIVE),
    ("en", "Kabul falls – as it happened", Genre.LIVE),
    ("en", "Covid-19 wrap: What happened on 17 September", Genre.ROUNDUP),
    ("en", "The papers: calls for calm over gas prices", Genre.ROUNDUP),
    ("en", "Week in pictures: 11 - 17 September", Genre.ROUNDUP),
    ("en", "News in pictures", Genre.GALLERY),
    ("en", "Best of cartoons, September 17", Genre.RECURRING),
    ("en", "Target Time and Superquiz, Friday, September 17", Genre.RECURRING),
    ("en", "Race-by-race preview and tips for Wyong on Tuesday", Genre.RECURRING),
    ("en", "Horoscope for Saturday", Genre.RECURRING),
    ("id", "Berita terpopuler: dari Jokowi hingga Messi", Genre.ROUNDUP),
    ("id", "Live report: Indonesia vs Vietnam", Genre.LIVE),
    ("id", "Jadwal sholat Jakarta hari ini", Genre.RECURRING),
    ("de", "Die wichtigsten Nachrichten am Morgen", Genre.ROUNDUP),
    ("de", "Liveticker: Bayern gegen Dortmund", Genre.LIVE),
    ("de", "Bilder des Tages", Genre.ROUNDUP),
    ("es", "Las noticias del día", Genre.ROUNDUP),
    ("es", "En vivo: terremoto en Chile", Genre.LIVE),
    ("es", "Horóscopo de hoy", Genre.RECURRING),
    ("fr", "L'essentiel de l'actualité: les titres du matin", Genre.ROUNDUP),
    ("fr", "EN DIRECT - Guerre en Ukraine", Genre.LIVE),
    ("fr", "La guerre en images", Genre.GALLERY),
    ("tr", "Günün manşetleri", Genre.ROUNDUP),
    ("tr", "CANLI: Maç başladı", Genre.LIVE),
    ("tr", "Günlük burç yorumları", Genre.RECURRING),
    ("pt", "Resumo do dia: o que aconteceu", Genre.ROUNDUP),
    ("pt", "Ao vivo: Brasil x Argentina", Genre.LIVE),
    ("it", "Rassegna stampa di oggi", Genre.ROUNDUP),
    ("it", "Milan-Inter in diretta: la cronaca", Genre.LIVE),
    ("ru", "Главные новости к утру", Genre.ROUNDUP),
    ("ru", "Курс доллара на завтра", Genre.RECURRING),
    ("ar", "أبرز الأخبار اليوم", Genre.ROUNDUP),
    ("ar", "بث مباشر مباراة الأهلي", Genre.LIVE),
    ("zh", "早报：今日要闻", Genre.ROUNDUP),
    ("ja", "今日のニュースまとめ", Genre.ROUNDUP),
    ("ko", "오늘의 뉴스", Genre.ROUNDUP),
    ("sw", "Morning briefing", Genre.ROUNDUP),
]
REPORTS = [
    ("en", "Five things to know about the new Labor secretary"),
    ("en", "Live and let die"),
    ("en", "First edition copy of 'Frankenstein' sells for over $1 million at auction"),
    ("en", "Emmy Awards: 7 things to know ahead of the ceremony"),
    ("en", "Police again quiz prime minister over graft suspicion"),
    ("pt", "Paciente evolui bem, informa boletim"),
    ("en", "5 things to know before using a browser"),
    ("en", "Taliban enter Kabul as Ghani flees"),
    ("en", "Lawmakers brief the press"),
    ("en", "Man delivers newspaper on foot"),
    ("id", "Taliban Gempur Kelompok Oposisi di Wilayah Panjshir"),
    ("de", "Lebensmittel werden teurer"),
    ("es", "El presidente vive en Madrid"),
    ("fr", "Le président dirige la réunion"),
    ("tr", "Deprem İzmir'i salladı"),
    ("pt", "Presidente visita o Porto"),
    ("it", "Il governo approva la manovra"),
    ("ru", "Пожар в Москве"),
    ("ar", "زلزال يضرب المغرب"),
    ("en", ""),
    ("en", "😀😀"),
]


@pytest.mark.parametrize(("language", "title", "genre"), TITLES)
def test_a_title_that_reports_no_single_happening_is_known(language: str, title: str, genre: Genre) -> None:
    assert genre_of(title, language) is genre


@pytest.mark.parametrize(("language", "title"), REPORTS)
def test_a_report_is_a_report(language: str, title: str) -> None:
    assert genre_of(title, language) is Genre.REPORT
