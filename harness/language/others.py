"""Languages in other letters with rules for claims, and languages that are only recognised."""

from __future__ import annotations

from harness.language.rows import Claims, Language, Numerals

# fmt: off
RUSSIAN = Language(
    "ru", "Russian", "CYRILLIC",
    "и в во на с со к ко у о об от до по за из для при над под не что кто где когда как сколько какой какая какое какие "
    "который почему это этот эта эти то тот та те он она они мы вы я его её их есть был была было были быть может можно "
    "могут должен должны нужно если или но а же ли бы только уже ещё очень через после все каждый",
    telling="стоит длится", stemmer="russian", comma=True, letters="ыэъё",
    abbreviations="т д п е г гг им ул д стр руб тыс млн млрд напр см ок тел др",
    claims=Claims(
        "не ни нет нельзя никогда никто никого ничего ничто нигде",
        Numerals(
            "два|две|двух|двум|двумя три|трёх|трех|трем|тремя четыре|четырёх|четырех|четырьмя пять|пяти|пятью "
            "шесть|шести семь|семи восемь|восьми девять|девяти десять|десяти одиннадцать|одиннадцати "
            "двенадцать|двенадцати тринадцать|тринадцати четырнадцать|четырнадцати пятнадцать|пятнадцати "
            "шестнадцать|шестнадцати семнадцать|семнадцати восемнадцать|восемнадцати девятнадцать|девятнадцати",
            "двадцать|двадцати тридцать|тридцати сорок|сорока пятьдесят|пятидесяти шестьдесят|шестидесяти "
            "семьдесят|семидесяти восемьдесят|восьмидесяти девяносто|девяноста",
            "ноль|нуль", "один одна одно одного одной одну", "сто|ста",
            "двести|двухсот триста|трёхсот четыреста пятьсот|пятисот шестьсот семьсот восемьсот девятьсот",
            "тысяча|тысячи|тысяч", "миллион|миллиона|миллионов",
        ),
        no_denials=r"\bне (?:только|более|менее|позднее|позже|больше|меньше|раньше|ранее)\b",
        goes_on="но а однако", days="понедельник|понедельникам|понедельника вторник|вторникам|вторника среда|среду|средам четверг|четвергам|четверга пятница|пятницу|пятницам суббота|субботу|субботам воскресенье|воскресеньям",
    ),
)
CHINESE = Language(
    "zh", "Chinese", "CJK", "的 了 是 在 和 有 与 什么 怎么 怎样 多少 多久 哪里 哪儿 哪个 哪些 为什么 什么时候 如何 谁 吗 呢 几",
    claims=Claims(
        "",
        counted=True,
        inside=r"()(?:不|没有|没|無|无|未|勿|别|別|非|禁止|严禁|嚴禁)",
        # what holds such a sign and denies nothing; doubled denials say yes
        no_denials="不(?:仅|僅|但|只|过|過|同|锈|鏽|断|斷|久|超过|超過|得不|能不|会不|可不|少于|少於|多于|晚于|晚於|迟于|论|論|管|如)|"
                   "差不多|无论|無論|无线|無線|未来|未來|别人|特别|分别|级别|区别|类别|性别|別人|特別|分別|非常|非洲|并非不|不是不|没有不",
        goes_on="但 而 但是 而且 并且",
        days="星期一|周一|礼拜一|週一 星期二|周二|礼拜二|週二 星期三|周三|礼拜三|週三 星期四|周四|礼拜四|週四 星期五|周五|礼拜五|週五 星期六|周六|礼拜六|週六 星期日|星期天|周日|礼拜天|週日",
    ),
)
JAPANESE = Language(
    "ja", "Japanese", "HIRAGANA", "の は が を に で と も か です ます から まで いつ どこ なに 何 どれ いくら どう だれ 誰 なぜ",
    claims=Claims(
        "",
        counted=True,
        inside=r"()(?:ません|ない|なく|なかった|ずに|無し|なし|不可|禁止|不要)",
        no_denials="(?:なければ|なくては|ないと|なきゃ)(?:ならない|なりません|いけない|いけません|ならず)|かもしれ(?:ない|ません)|"
                   "だけで(?:は)?(?:なく|ない)|のみならず|少な(?:い|く)|危ない|つまらない|間もなく|まもなく|しか(?=[^。]*(?:ない|ません))",
        goes_on="が しかし",
        days="月曜日|月曜 火曜日|火曜 水曜日|水曜 木曜日|木曜 金曜日|金曜 土曜日|土曜 日曜日|日曜",
    ),
)
KOREAN = Language(
    "ko", "Korean", "HANGUL", "은 는 이 가 을 를 의 에 와 과 도 및 또는 그리고 어디 언제 누가 무엇 얼마 몇 어떻게 왜 어느 수 있습니다 합니다",
    claims=Claims(
        "안 못",
        Numerals(
            "두|둘 세|셋|석 네|넷|넉 다섯 여섯 일곱 여덟 아홉 열 열한|열하나 열두|열둘", "스물|스무 서른 마흔 쉰 예순 일흔 여든 아흔", "",
            "한 하나",
        ),
        inside=r"(\w*)(?:않|없|못하|못합|못할|아니|아닙|마십시오|마세요|불가|금지)",
        no_denials="뿐(?:만)? ?아니라|틀림없|않으면 (?:안|아니) ?(?:됩니다|된다)|지 않을 수 없|상관없이|관계없이|빠짐없이",
        goes_on="하지만 그러나",
        days="월요일 화요일 수요일 목요일 금요일 토요일 일요일",
    ),
)
ARABIC = Language(
    "ar", "Arabic", "ARABIC",
    "في من على إلى عن مع هذا هذه ذلك تلك التي الذي و أو ثم أن إن كان كانت يكون هو هي هم ما ماذا متى أين كيف كم لماذا هل "
    "أي كل بعد قبل عند بين حتى لا قد يمكن يجب",
    telling="يبلغ تبلغ مدة", stemmer="arabic", letters="ةىأإ", abbreviations="د ص م هـ",
    claims=Claims(
        "لا ليس ليست ليسوا لم لن غير ولا ولم ولن وليس",
        Numerals(
            "اثنان|اثنين|اثنتان|اثنتين ثلاثة|ثلاث أربعة|أربع خمسة|خمس ستة|ست سبعة|سبع ثمانية|ثماني|ثمان تسعة|تسع عشرة|عشر",
            "عشرون|عشرين ثلاثون|ثلاثين أربعون|أربعين خمسون|خمسين ستون|ستين سبعون|سبعين ثمانون|ثمانين تسعون|تسعين", "صفر",
            "واحد واحدة", "مائة|مئة", "مئتان|مئتين|مائتان|مائتين ثلاثمائة|ثلاثمئة أربعمائة|أربعمئة خمسمائة|خمسمئة "
            "ستمائة|ستمئة سبعمائة|سبعمئة ثمانمائة|ثمانمئة تسعمائة|تسعمئة", "ألف|آلاف|ألفا", "مليون|ملايين", " و", fused="unit first",
        ),
        no_denials=r"لا (?:يزال|تزال|بد|يقل|تقل|يتجاوز|تتجاوز|يزيد|تزيد)|ليس فقط|لا سيما",
        goes_on="لكن بينما",
        days="الاثنين|اثنين الثلاثاء|ثلاثاء الأربعاء|أربعاء الخميس|خميس الجمعة|جمعة السبت|سبت الأحد|أحد",
    ),
)
HEBREW = Language(
    "he", "Hebrew", "HEBREW",
    "של את על אל עם הוא היא הם הן זה זאת זו אלה אני אנחנו אתה כל כי אם או גם רק לא מה מי מתי איפה היכן איך כמה למה מדוע "
    "האם איזה איזו יש אין היה הייתה אשר בין עד אחרי לפני ניתן אפשר יכול צריך",
    abbreviations="מס עמ רח טל",
    claims=Claims(
        "לא אין אינו אינה אינם אינן אסור אל אי",
        Numerals(
            "שניים|שני|שתיים|שתי שלושה|שלוש|שלושת ארבעה|ארבע|ארבעת חמישה|חמש|חמשת שישה|שש שבעה|שבע שמונה תשעה|תשע עשרה|עשר",
            "עשרים שלושים ארבעים חמישים שישים שבעים שמונים תשעים", "אפס", "אחד אחת", "מאה", "מאתיים", "אלף", "מיליון", "ו",
        ),
        no_denials=r"לא (?:רק|יותר מ|פחות מ)",
        goes_on="אבל אך ואילו", days="יום_שני יום_שלישי יום_רביעי יום_חמישי יום_שישי שבת יום_ראשון",
    ),
)
HINDI = Language(
    "hi", "Hindi", "DEVANAGARI",
    "का के की को में से पर और या है हैं था थे थी हो यह वह ये वे इस उस कि जो तो भी ही ने एक क्या कब कहाँ कहां कौन कैसे कितना "
    "कितने कितनी क्यों किस लिए तक साथ बाद पहले कर करना किया जा सकता सकते सकती होता होती होते हर",
    stemmer="hindi", abbreviations="डॉ श्री रु",
    claims=Claims(
        "नहीं न ना मत",
        Numerals(
            "दो तीन चार पाँच|पांच छह|छः|छे सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह|पन्द्रह सोलह सत्रह अठारह उन्नीस",
            "बीस तीस चालीस पचास साठ सत्तर अस्सी नब्बे", "शून्य", "एक", "सौ", "", "हज़ार|हजार", "लाख_दस",
        ),
        no_denials="न केवल|न सिर्फ|से अधिक नहीं|से ज़्यादा नहीं",
        goes_on="लेकिन परंतु जबकि मगर", days="सोमवार मंगलवार बुधवार गुरुवार|बृहस्पतिवार शुक्रवार शनिवार रविवार|इतवार",
    ),
)
WITH_RULES = (RUSSIAN, CHINESE, JAPANESE, KOREAN, ARABIC, HEBREW, HINDI)

# search and sentence borders alone: their claims are not judged
RECOGNISED = (
    Language("fi", "Finnish", "LATIN",
             "ja on ei ovat oli se ne tämä että kun kuin mitä mikä missä milloin miten kuka kuinka miksi voi saa pitää "
             "tai mutta myös vain jos hän he me te joka jotka kanssa ennen jälkeen sekä eivät ole paljon",
             telling="maksaa kauan", stemmer="finnish", comma=True, abbreviations="esim mm jne ns ks tms n klo puh"),
    Language("hu", "Hungarian", "LATIN",
             "a az és hogy nem is van vannak volt egy ez azt mint mit mi mikor hol hogyan ki mennyi miért melyik lehet "
             "kell vagy de csak már még után előtt meg el fel le nagyon minden ezt ha",
             telling="mennyibe kerül", stemmer="hungarian", comma=True, abbreviations="pl stb kb ill dr u sz", letters="őű"),
    Language("cs", "Czech", "LATIN",
             "a v ve na s se k ke z ze do od o po za pro při je jsou byl byla bylo že to ten ta co kdo kdy kde jak "
             "kolik jaký jaká který která proč nebo ale také jen už ještě může musí není jeho její si by až",
             telling="stojí trvá", stemmer="czech", comma=True, abbreviations="např atd tj tzv č ul dr", letters="ěřů"),
    Language("sk", "Slovak", "LATIN",
             "a v vo na s so k ku z zo do od o po za pre pri je sú bol bola bolo že to ten tá čo kto kedy kde ako koľko "
             "aký aká ktorý ktorá prečo alebo ale tiež len už ešte môže musí nie jeho jej si by až",
             comma=True, abbreviations="napr atď tj č ul dr", letters="ľĺŕ"),
    Language("ro", "Romanian", "LATIN",
             "și în la de pe cu din pentru este sunt era nu un o ce cine când unde cum cât câte care ca să se sau dar "
             "mai al ale a ai lui ei lor poate trebuie după până despre",
             telling="costă durează", stemmer="romanian", comma=True, abbreviations="dl dna etc nr ex", letters="șță"),
    Language("hr", "Croatian", "LATIN",
             "i u na s sa k o od do za po pri je su bio bila bilo ne nije da što tko kada gdje kako koliko koji koja "
             "koje zašto ili ali samo već još može mora se li", comma=True, abbreviations="npr itd br tj dr"),
    Language("ca", "Catalan", "LATIN",
             "el la els les un una i o de del dels al als en és són era que qui quin quina quant quan on com per amb "
             "sense sobre es no més menys molt aquest aquesta pot poden ha han fins perquè",
             telling="costa dura", stemmer="catalan", comma=True, abbreviations="sr sra dr etc núm"),
    Language("et", "Estonian", "LATIN",
             "ja on ei oli see need et kui mis kes kus millal kuidas kui palju miks või aga ka ainult võib saab peab "
             "oma tema nad pärast enne kuni", stemmer="estonian", comma=True, abbreviations="nt jne u nr"),
    Language("lt", "Lithuanian", "LATIN",
             "ir į iš su yra buvo ne tai kad kas kur kada kaip kiek kodėl ar arba bet tik jau dar gali turi po prieš "
             "iki per nuo", stemmer="lithuanian", comma=True, abbreviations="pvz ir t t nr", letters="ėųįū"),
    Language("id", "Indonesian", "LATIN",
             "dan di ke dari yang untuk dengan pada adalah ini itu tidak bukan atau juga akan dapat bisa harus apa siapa "
             "kapan mana bagaimana berapa mengapa dalam oleh sebagai lebih setelah sebelum setiap", stemmer="indonesian", comma=True),
    Language("vi", "Vietnamese", "LATIN",
             "và của là có không được cho với trong này đó các những một khi nào ở đâu gì ai bao nhiêu lâu như thế để "
             "từ đến phải người tại cũng", comma=True, letters="ơưđạảấầậắặẹềệịọốồộớờợụứừựỳỹ"),
    Language("uk", "Ukrainian", "CYRILLIC",
             "і й та в у на з із до від о по за для при не що хто де коли як скільки який яка це цей він вона вони ми "
             "ви є був була було може можна треба якщо або але тільки вже ще", comma=True, letters="іїєґ"),
    Language("bg", "Bulgarian", "CYRILLIC",
             "и в във на с със от до по за при не че какво кой къде кога как колко това този тази той тя те ние вие е "
             "са беше може трябва ако или но само вече още да се ли", comma=True),
    Language("sr", "Serbian", "CYRILLIC", "и у на са од до за по при је су био била не да шта ко када где како колико који "
             "која зашто или али само већ још може мора се ли", stemmer="serbian", comma=True, letters="јљњћђџ"),
    Language("el", "Greek", "GREEK",
             "και το η ο τα οι τη την τον του της των σε στο στη στην από για με είναι ήταν δεν να που τι ποιος πότε "
             "πού πώς πόσο πόσα γιατί ή αλλά μόνο", stemmer="greek", comma=True, abbreviations="π χ κ λπ"),
    Language("fa", "Persian", "ARABIC",
             "و در به از که این آن را با برای است بود هست نیست می شود شد کند یا هم تا چه کی کجا چگونه چند چرا هر روی",
             stemmer="persian", letters="پچژگ"),
    Language("ur", "Urdu", "ARABIC", "کا کے کی کو میں سے پر اور یا ہے ہیں تھا یہ وہ نہیں کیا کب کہاں کون کیسے کتنا کیوں لیے",
             letters="ٹڈڑےہں"),
    Language("th", "Thai", "THAI", "ที่ไหน เมื่อไร เมื่อไหร่ อะไร อย่างไร เท่าไร เท่าไหร่ ทำไม ใคร กี่ หรือไม่"),
    Language("lo", "Lao", "LAO", "ຢູ່ໃສ ເມື່ອໃດ ເທົ່າໃດ"),
    Language("km", "Khmer", "KHMER", "អ្វី ណា ពេលណា ប៉ុន្មាន"),
    Language("my", "Burmese", "MYANMAR", "ဘယ် ဘာ ဘယ်လောက်"),
    Language("ta", "Tamil", "TAMIL", "", stemmer="tamil"),
    Language("hy", "Armenian", "ARMENIAN", "", stemmer="armenian"),
)
# fmt: on
