"""The words of the pages, in English and Indonesian. The English text is the key."""

from aggregator.publishing import words
from aggregator.publishing.words import LANGUAGES, Translate

_INDONESIAN = {
    "Events": "Peristiwa",
    "Front page": "Halaman depan",
    "Search": "Cari",
    "Feeds": "Umpan",
    "Overlap": "Irisan",
    "Subscribe": "Berlangganan",
    "Skip to content": "Langsung ke isi",
    "All languages": "Semua bahasa",
    "Language": "Bahasa",
    "Also events with one outlet": "Juga peristiwa dari satu media",
    "Only events with several outlets": "Hanya peristiwa dari beberapa media",
    "{n} outlets": "{n} media",
    "1 outlet": "1 media",
    "{n} independent": "{n} independen",
    "muted: left out of the feeds": "dibisukan: tidak ada di umpan",
    "first at {outlet}": "pertama di {outlet}",
    "and {n} more": "dan {n} lagi",
    "More": "Lainnya",
    "Nothing here yet. The first events appear when feeds have been polled.": (
        "Belum ada apa-apa. Peristiwa pertama muncul setelah umpan diambil."
    ),
    "How the reports came in": "Bagaimana laporan berdatangan",
    "Sources": "Sumber",
    "Time line": "Garis waktu",
    "Why these are together": "Mengapa ini digabungkan",
    "Who resembles whom": "Siapa mirip siapa",
    "Report": "Laporan",
    "Compared with": "Dibandingkan dengan",
    "Rule": "Aturan",
    "Likeness": "Kemiripan",
    "Shared words": "Kata bersama",
    "Related": "Terkait",
    "Changes": "Perubahan",
    "the same text at": "teks yang sama di",
    "also": "juga",
    "times as polling saw them; an outlet may have published earlier": (
        "waktu menurut pengambilan; media mungkin menerbitkan lebih awal"
    ),
    "{n} events found": "{n} peristiwa ditemukan",
    "1 event found": "1 peristiwa ditemukan",
    "Nothing found.": "Tidak ditemukan.",
    'Words, "phrases", OR, -without, begin*': 'Kata, "frasa", OR, -tanpa, awal*',
    "Outlet": "Media",
    "Feed": "Umpan",
    "State": "Keadaan",
    "Last success": "Terakhir berhasil",
    "Next check": "Pemeriksaan berikut",
    "Interval": "Selang",
    "Entries": "Entri",
    "By hour (UTC)": "Per jam (UTC)",
    "never": "belum pernah",
    "What it shares with other feeds": "Apa yang sama dengan umpan lain",
    "Of {n} events in two weeks": "Dari {n} peristiwa dalam dua minggu",
    "Events in common": "Peristiwa bersama",
    "Last polls": "Pengambilan terakhir",
    "Time": "Waktu",
    "Outcome": "Hasil",
    "New": "Baru",
    "Edited": "Disunting",
    "Which outlets tell the same": "Media mana yang memberitakan hal yang sama",
    "Share of the row's events that the column also tells.": (
        "Bagian peristiwa baris yang juga diberitakan oleh kolom."
    ),
    "In the last two weeks": "Dalam dua minggu terakhir",
    "Reports": "Laporan",
    "Of its own": "Tulisan sendiri",
    "Copies": "Salinan",
    "Others tell them too": "Juga diberitakan media lain",
    "First with these": "Yang pertama di antaranya",
    "What it shares with other outlets": "Apa yang sama dengan media lain",
    "Latest events": "Peristiwa terbaru",
    "Copy an address into your feed reader.": "Salin alamat ke pembaca umpan Anda.",
    "All output feeds as OPML": "Semua umpan keluaran sebagai OPML",
    "All subscriptions as OPML": "Semua langganan sebagai OPML",
    "Narrow a feed with parameters:": "Persempit umpan dengan parameter:",
    "Not found": "Tidak ditemukan",
    "This cannot be done": "Ini tidak bisa dilakukan",
    "No event has that name.": "Tidak ada peristiwa dengan nama itu.",
    "1 report came": "1 laporan masuk",
    "{n} reports came": "{n} laporan masuk",
    "1 report moved to another event": "1 laporan dipindahkan ke peristiwa lain",
    "{n} reports moved to another event": "{n} laporan dipindahkan ke peristiwa lain",
    "Times are those of": "Waktu menurut",
    "Put right by hand": "Koreksi manual",
    "taken back": "dibatalkan",
    "merge": "penggabungan",
    "split": "pemisahan",
    "move": "pemindahan",
    "pin": "judul dipilih",
    "mute": "disembunyikan",
    "founded": "laporan pertama",
    "joined": "bergabung",
    "copy": "salinan",
    "repair": "dipindahkan kemudian",
    "correction": "koreksi",
    "recluster": "disusun ulang",
    "not modified": "tidak berubah",
    "nothing new": "tidak ada yang baru",
    "refused": "ditolak",
    "timeout": "waktu habis",
    "truncated": "terpotong",
    "too large": "terlalu besar",
    "throttled": "dibatasi",
    "paused": "ditunda",
    "not a feed": "bukan umpan",
    "headline": "judul diubah",
    "corrected": "dikoreksi",
    "merged": "digabungkan",
    "restored": "dipisahkan lagi",
    "fine": "baik",
    "slow": "lambat",
    "failing": "gagal",
    "blocked": "diblokir",
    "gone": "hilang",
    "moved": "pindah",
    "disabled": "dimatikan",
    "new": "baru",
}


def translator(language: str) -> Translate:
    """Give a function that says a text of the pages in a language, with its placeholders filled."""
    return words.translator(language, {"id": _INDONESIAN})


def preferred(accept_language: str) -> str:
    """Choose the language of the interface by Accept-Language (RFC 9110 §12.5.4); English where none fits."""
    wanted = []
    for place, part in enumerate(accept_language.lower().split(",")[:20]):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().partition("-")[0]
        language = "id" if language == "in" else language  # as old systems call Indonesian
        if language in LANGUAGES:
            wanted.append((-_weight(parameter), place, language))
    best = min(wanted, default=(0.0, 0, "en"))
    return best[2] if best[0] < 0 else "en"


def _weight(parameter: str) -> float:
    try:
        return float(parameter.replace(" ", "").removeprefix("q=")) if parameter.strip() else 1.0
    except ValueError:
        return 0.0
