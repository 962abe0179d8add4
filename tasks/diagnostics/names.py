"""Given names by language for generated test cases: common ones of the language, men's and women's, in its script.

Own choice of names that are among the usual ones of each language; MultiCheckList's script takes its names from
Wikidata instead. Finnish names are such that the templates' endings fit them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

_TABLE = """
af | Johan Pieter Hendrik Willem Jan Gert Stefan Riaan | Maria Anna Elize Petra Susanna Marlene Karin Hester
ar | محمد أحمد علي حسن عمر خالد يوسف إبراهيم | فاطمة مريم عائشة ليلى زينب سارة هدى نور
az | Əli Rəşad Elçin Vüqar Tural Kamran Orxan Fərid | Aygün Leyla Nigar Günel Sevinc Aysel Nərmin Lalə
bg | Георги Иван Димитър Николай Петър Стефан Христо Борис | Мария Иванка Елена Йорданка Радка Десислава Таня Ани
bn | রহিম করিম অমিত সুমন রাহুল তপন সঞ্জয় আরিফ | ফাতেমা মিতা রিনা সুমি তানিয়া শিলা মালা নাসরিন
de | Thomas Michael Peter Andreas Stefan Christian Jan Felix | Anna Maria Julia Sabine Petra Monika Laura Katrin
el | Γιώργος Δημήτρης Κώστας Νίκος Γιάννης Πέτρος Σπύρος Ανδρέας | Μαρία Ελένη Κατερίνα Σοφία Άννα Ειρήνη Δήμητρα Ιωάννα
en | James John Robert Michael David Thomas Daniel Mark | Mary Linda Susan Karen Nancy Helen Sarah Anna
es | José Juan Carlos Luis Pedro Miguel Javier Antonio | María Carmen Ana Lucía Isabel Elena Laura Rosa
et | Jaan Toomas Andres Rein Martin Margus Priit Urmas | Anne Tiina Katrin Piret Mari Liina Kadri Sirje
eu | Jon Mikel Ander Iker Unai Aitor Gorka Xabier | Ane Miren Maite Nerea Leire Itziar Amaia Ainhoa
fa | علی محمد حسین رضا مهدی امیر حسن سعید | فاطمه زهرا مریم سارا نرگس لیلا مینا پروین
fi | Juha Mika Oskari Tauno Marko Timo Arto Jari | Anna Laura Sanna Maria Johanna Paula Katja Tarja
fr | Jean Pierre Michel Philippe Nicolas Julien Thomas Paul | Marie Nathalie Isabelle Sophie Claire Julie Camille Anne
gu | રાજેશ મહેશ અમિત સુરેશ કિરણ ભરત દિનેશ વિજય | મીના રેખા કવિતા સોનલ નીતા હેતલ આશા ગીતા
ha | Musa Ibrahim Sani Usman Aliyu Bello Yusuf Garba | Amina Hauwa Fatima Zainab Maryam Hadiza Aisha Rabi
he | דוד משה יוסף יעקב דניאל אברהם איתן רון | שרה רחל מרים רבקה נועה תמר יעל דינה
hi | राम मोहन अमित राजेश सुरेश विजय संजय रवि | सीता गीता मीना रेखा सुनीता कविता पूजा नेहा
ht | Jean Pierre Joseph Jacques Paul Wilson Frantz Emmanuel | Marie Rose Nadine Mirlande Guerda Carline Yolande Fabiola
hu | László István József János Zoltán Sándor Gábor Ferenc | Mária Erzsébet Katalin Ilona Éva Anna Zsuzsanna Judit
id | Budi Agus Eko Andi Joko Hendra Rudi Dedi | Siti Sri Dewi Ani Rina Wati Indah Ratna
it | Giuseppe Giovanni Antonio Mario Luigi Francesco Marco Paolo | Maria Anna Giulia Francesca Laura Elena Paola Chiara
ja | 健太 翔太 大輔 拓也 直樹 浩二 一郎 誠 | 花子 美咲 陽子 由美 恵子 愛 さくら 直美
jv | Slamet Bambang Sutrisno Joko Suparman Wahyu Sugeng Teguh | Sri Siti Endang Wahyuni Lestari Sulastri Tuti Rahayu
ka | გიორგი დავით ლევან ნიკა ირაკლი ზურაბ თემურ ვახტანგ | ნინო მარიამ თამარ ეკა ანა ნათია მაია ლელა
kk | Нұрлан Ерлан Серік Болат Асқар Марат Бауыржан Данияр | Айгүл Гүлнар Әсел Мәдина Динара Жанар Сәуле Алия
ko | 민수 지훈 영호 성민 준호 동현 상우 철수 | 지영 수진 은주 미경 영희 혜진 유나 민지
lt | Jonas Petras Antanas Juozas Vytautas Tomas Mindaugas Darius | Ona Marija Irena Rasa Jolanta Daiva Eglė Rūta
ml | രാജൻ സുരേഷ് അനിൽ മനോജ് വിനോദ് ബിജു രമേഷ് ഷാജി | മീര ലത സീമ അനിത രമ്യ സിന്ധു ബിന്ദു ശ്രീജ
mr | गणेश सचिन अनिल प्रकाश संदीप नितीन महेश राहुल | सुनीता वैशाली अनिता स्वाती प्रिया माधुरी शीतल कविता
ms | Ahmad Azman Ismail Rahim Hafiz Zulkifli Faizal Rosli | Siti Nurul Aminah Fatimah Zainab Rohana Farah Hasnah
my | အောင်အောင် ကျော်ကျော် မင်းမင်း ဇော်ဇော် ထွန်းထွန်း ကိုကို နိုင်နိုင် ဝင်းဝင်း | သီတာ စုစု မေမေ ခင်ခင် နီလာ ဖြူဖြူ သန္တာ အေးအေး
nl | Jan Pieter Kees Willem Hans Erik Mark Bas | Anna Maria Els Ingrid Sophie Marieke Linda Karin
pa | ਗੁਰਪ੍ਰੀਤ ਹਰਜੀਤ ਬਲਵਿੰਦਰ ਸੁਖਦੇਵ ਮਨਜੀਤ ਜਸਵੰਤ ਰਣਜੀਤ ਅਮਰ | ਸਿਮਰਨ ਜਸਲੀਨ ਕਿਰਨ ਨਵਨੀਤ ਰੁਪਿੰਦਰ ਪਰਮਜੀਤ ਅਮਨ ਗੀਤਾ
pl | Jan Piotr Andrzej Tomasz Marcin Paweł Adam Marek | Anna Maria Katarzyna Ewa Agnieszka Barbara Joanna Monika
pt | José João Paulo Pedro Carlos Luís Marcos Rafael | Maria Ana Joana Beatriz Teresa Fernanda Lúcia Sofia
qu | Inti Amaru Rumi Wayra Illari Sinchi Yupanki Atuq | Killa Sisa Urpi Quyllur Tika Sami Nina Wara
ro | Ion Andrei Mihai Alexandru Gheorghe Vasile Radu Dan | Maria Elena Ioana Ana Andreea Cristina Mihaela Gabriela
ru | Антон Сергей Дмитрий Андрей Алексей Иван Михаил Николай | Анна Елена Ольга Наталья Мария Ирина Татьяна Екатерина
sw | Juma Hamisi Baraka Rashidi Musa Omari Saidi Daudi | Asha Neema Zawadi Rehema Mwajuma Halima Amina Fatuma
ta | குமார் முருகன் செந்தில் ரவி கண்ணன் சுரேஷ் அருண் மணி | லட்சுமி மீனா கமலா பிரியா சாந்தி கவிதா தேவி வள்ளி
te | రాము కృష్ణ రవి సురేష్ వెంకట్ శ్రీను రాజు మహేష్ | లక్ష్మి సీత పద్మ రాధ సునీత కవిత అనిత స్వాతి
th | สมชาย สมศักดิ์ ประเสริฐ วิชัย อนุชา ธนา สุรชัย กิตติ | สมหญิง สุดา มาลี วันดี นภา อรทัย ศิริพร พรทิพย์
tl | Juan Jose Pedro Ramon Andres Carlo Mario Rico | Maria Ana Luz Rosa Teresa Carmela Divina Ligaya
tr | Mehmet Ahmet Mustafa Ali Hasan Murat Emre Burak | Ayşe Fatma Zeynep Elif Emine Merve Selin Aylin
uk | Олександр Андрій Сергій Микола Іван Тарас Богдан Петро | Олена Оксана Ірина Наталія Марія Юлія Тетяна Галина
ur | علی احمد حسن عمران بلال طارق کامران فیصل | فاطمہ عائشہ زینب سارہ مریم نادیہ ثنا صائمہ
vi | Hùng Dũng Tuấn Minh Nam Sơn Long Quang | Lan Hương Hoa Mai Linh Thảo Hạnh Ngọc
wo | Moussa Mamadou Ibrahima Ousmane Modou Cheikh Abdou Samba | Fatou Aminata Awa Ndeye Coumba Khady Astou Mariama
yo | Adé Babátúndé Táíwò Kẹ́hìndé Olú Ṣẹ́gun Dàpọ̀ Fẹ́mi | Yétúndé Fúnmiláyọ̀ Ṣadé Bọ́lá Tóyìn Yẹmí Ìyábọ̀ Àìná
zh | 小明 志强 建国 伟杰 文博 国栋 俊峰 家豪 | 小红 丽华 秀英 美玲 雪梅 晓燕 思雨 佳慧
"""

NAMES = {
    code: (tuple(men.split()), tuple(women.split()))
    for code, men, women in ([field.strip() for field in row.split("|")] for row in _TABLE.strip().split("\n"))
}
"""Men's and women's names by ISO 639-1 code, eight of each."""


def given_names(language: str, *, men_only: bool) -> Sequence[str]:
    """Names of a language, men's and women's by turns; those of English for a language that is not in the table."""
    men, women = NAMES.get(language, NAMES["en"])
    return men if men_only else tuple(chain.from_iterable(zip(men, women, strict=True)))
