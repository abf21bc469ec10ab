"""Indonesian that its feeds, or statistics, take for Malay is clustered as if it had not been."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.clustering.assign import Clusterer
from aggregator.evaluation.figures import score_clusters
from aggregator.evaluation.gold import Labelled
from aggregator.model import Report

START = datetime(2026, 3, 1, tzinfo=UTC)
# words of the news, in the forms of one stem that an Indonesian stemmer brings together
STEMS = """
bakar/membakar/dibakar/kebakaran tangkap/menangkap/ditangkap/penangkapan lantik/melantik/dilantik/pelantikan
bangun/membangun/dibangun/pembangunan tutup/menutup/ditutup/penutupan buka/membuka/dibuka/pembukaan
tembak/menembak/ditembak/penembakan curi/mencuri/dicuri/pencurian periksa/memeriksa/diperiksa/pemeriksaan
tolak/menolak/ditolak/penolakan sidang/disidang/persidangan rawat/merawat/dirawat/perawatan
bantu/membantu/dibantu/bantuan
selamat/menyelamatkan/diselamatkan/penyelamatan tanam/menanam/ditanam/penanaman larang/melarang/dilarang/larangan
pindah/memindahkan/dipindahkan/pemindahan latih/melatih/dilatih/pelatihan jual/menjual/dijual/penjualan
beli/membeli/dibeli/pembelian kirim/mengirim/dikirim/pengiriman tahan/menahan/ditahan/penahanan
gempa banjir longsor jembatan pelabuhan sekolah rumah pasar pabrik kapal pesawat kereta hutan tambang beras minyak gas
listrik air vaksin pupuk emas kopi sawit nelayan petani guru dokter hakim jaksa tentara mahasiswa buruh pedagang sopir
pilot wasit pelatih kiper penyanyi aktor penulis menteri gubernur bupati camat rektor uskup ulama atlet turis
""".split()  # noqa: SIM905 - a text is easier to read
PLACES = """
Ambon Bandung Bengkulu Bitung Bogor Cilacap Denpasar Dumai Garut Gorontalo Jambi Jayapura Jember Kendari Kudus Kupang
Lampung Lombok Madiun Magelang Makassar Malang Manado Mataram Medan Merauke Padang Palangkaraya Palu Pontianak Salatiga
Samarinda Semarang Sorong Sukabumi Surabaya Tarakan Ternate Tegal
""".split()  # noqa: SIM905 - the same
COMMON = "di ke dari yang untuk dengan akan sudah oleh pada saat warga hari kota tahun orang baru kata".split()  # noqa: SIM905


def told() -> Iterator[tuple[Labelled, Report]]:
    """Give reports of 120 happenings over two days, each by two to four outlets within some hours."""
    rng = random.Random(7)
    made: list[tuple[datetime, int, str]] = []
    for happening in range(120):
        about = [*rng.sample(STEMS, 5), rng.choice(PLACES)]
        begins = START + timedelta(minutes=rng.randrange(48 * 60))
        for _ in range(rng.randint(2, 4)):
            words = [rng.choice(stem.split("/")) for stem in rng.sample(about, 5)] + rng.sample(COMMON, 4)
            rng.shuffle(words)
            made += [(begins + timedelta(minutes=rng.randrange(150)), happening, " ".join(words))]
    for number, (time, happening, title) in enumerate(sorted(made), 1):
        feed = 1 + number % 12
        report = Report(id=number, title=title, summary="", language="id", outlet=f"Kabar {feed}", feed=feed, time=time)
        yield Labelled(id=str(number), cluster=str(happening)), report


def f1_of(labelled: list[tuple[Labelled, Report]]) -> float:
    clusterer, event_of = Clusterer(), {}
    for start in range(0, len(labelled), 20):
        result = clusterer.assign([report for _, report in labelled[start : start + 20]], start)
        event_of |= {str(each.entry): str(each.event) for each in result.assignments}
        event_of |= {str(each.entry): str(each.to_event) for each in result.moves}
    return score_clusters([label for label, _ in labelled], event_of).b3_f1


def marked(share: float) -> list[tuple[Labelled, Report]]:
    rng = random.Random(11)
    return [(label, replace(one, language="ms") if rng.random() < share else one) for label, one in told()]


def test_a_fifth_of_indonesian_reports_taken_for_malay_costs_under_a_hundredth() -> None:
    right, wrong = f1_of(marked(0.0)), f1_of(marked(0.2))
    assert right > 0.8
    assert right - wrong < 0.01


def test_languages_that_are_not_near_would_cost_more() -> None:
    """Or the test above could not fail."""
    foreign = [(label, replace(one, language="tr") if one.language == "ms" else one) for label, one in marked(0.2)]
    assert f1_of(marked(0.0)) - f1_of(foreign) > 0.01
