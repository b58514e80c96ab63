"""Languages in Latin letters with rules for claims."""

from __future__ import annotations

from harness.language.rows import Claims, Language, Numerals

# fmt: off
ENGLISH = Language(
    "en", "English", "LATIN",
    "the of and to a an in is it that for on are with as be this was by from or at have not but they which you what "
    "how when where who why will can does do has its may must if than there their your we our i",
    stemmer="english",
    abbreviations="e.g i.e etc mr mrs ms dr st no vs approx inc jr",
    claims=Claims("not no never without none nor neither cannot"),
)
GERMAN = Language(
    "de", "German", "LATIN",
    "der die das den dem des und oder ist sind war waren nicht ein eine einen einem einer eines für mit von vom zu zum "
    "zur im in am an auf aus bei bis nach wie wann wo was wer welche welcher welches welchen warum wieviel "
    "kann können darf dürfen muss müssen wird werden wurde wurden hat haben es er sie "
    "wir ihr man sich auch nur noch schon als wenn dass weil über unter um pro je so sehr ab vor durch seit sein "
    "seine ihre gibt mir mich uns soll sollen sollte hier dort alle dieser diese dieses jeder jede",
    telling="kostet beträgt dauert frist innerhalb lange hoch viel", stemmer="german", comma=True, capital_nouns=True, letters="ß",
    abbreviations="z b d h u a o ä i v m s bzw ca nr bspw evtl ggf inkl exkl zzgl usw etc dr prof hr fr str tel vgl "
                  "max min mind abs art sog geb gest jh st std mio mrd jan feb mär apr jun jul aug sep sept okt nov dez",
    claims=Claims(
        "nicht kein keine keinen keinem keiner keines nie niemals weder niemand niemandem nichts keinesfalls "
        "keineswegs nirgends",
        Numerals(
            "zwei|zwo drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
            "siebzehn achtzehn neunzehn",
            "zwanzig dreißig|dreissig vierzig fünfzig sechzig siebzig achtzig neunzig",
            "null", "eins ein eine einen einem einer eines", "hundert|einhundert", "", "tausend|eintausend",
            "million|millionen", "und", "einhalb", "unit first",
        ),
        no_denials=r"\bnicht (?:nur|mehr als|länger als|später als|weniger als)\b",
        goes_on="aber und sondern während jedoch doch",
        days="montag|montags dienstag|dienstags mittwoch|mittwochs donnerstag|donnerstags freitag|freitags samstag|samstags|sonnabend sonntag|sonntags",
        titles="herr herrn frau doktor professor dr prof in nach aus bei von mit durch an",
    ),
)
FRENCH = Language(
    "fr", "French", "LATIN",
    "le la les un une des du de et ou est sont était au aux en dans pour par sur avec que qui quoi quel quelle quels "
    "quelles combien comment quand où pourquoi ce cette ces cet il elle ils elles on nous vous je se sa son ses leur "
    "leurs à d l s n c j qu peut peuvent doit doivent être avoir a ont plus moins très jusqu dès chez sans "
    "ne pas fait tous tout toute chaque si mais donc y",
    telling="coûte dure", stemmer="french", comma=True, letters="œ",
    abbreviations="m mm mme mlle dr etc cf p ex env art no n° tél av bd st ste vol max min janv févr avr juil sept oct "
                  "nov déc",
    claims=Claims(
        "pas point jamais aucun aucune rien ni non nul nulle personne",
        Numerals(
            "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix_sept dix_huit "
            "dix_neuf",
            "vingt trente quarante cinquante soixante soixante_dix quatre_vingt|quatre_vingts quatre_vingt_dix",
            "zéro", "un une", "cent|cents", "", "mille", "million|millions", "et",
        ),
        inside=r"\b(?:ne|n')[ \t]*(\w+(?: \w+)?) plus\b",
        no_denials=r"\bpas (?:seulement|plus de|moins de)\b|\bsans doute\b",
        goes_on="mais et tandis alors",
        days="lundi|lundis mardi|mardis mercredi|mercredis jeudi|jeudis vendredi|vendredis samedi|samedis dimanche|dimanches",
    ),
)
SPANISH = Language(
    "es", "Spanish", "LATIN",
    "el la los las un una unos unas y o de del al en es son era fue que qué cual cuál cuánto cuánta cuántos cuántas "
    "cómo cuándo dónde quién por para con sin sobre se su sus lo le les nos este esta esto estos estas hay ha "
    "han puede pueden debe deben ser estar está están más menos muy como cuando donde si pero no hasta desde cada "
    "todo todos toda todas me mi te tiene tienen",
    telling="cuesta dura", stemmer="spanish", comma=True, letters="ñ¿¡",
    abbreviations="sr sra srta dr dra etc aprox núm nº pág ej p art av tel ud uds máx mín ene feb mar abr jun jul ago "
                  "sept oct nov dic",
    claims=Claims(
        "no nunca ningún ninguno ninguna nada ni jamás tampoco nadie",
        Numerals(
            "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
            "dieciocho diecinueve veinte veintiuno|veintiún veintidós veintitrés veinticuatro veinticinco veintiséis "
            "veintisiete veintiocho veintinueve",
            "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa", "cero", "uno un una", "cien|ciento",
            "doscientos|doscientas trescientos|trescientas cuatrocientos|cuatrocientas quinientos|quinientas "
            "seiscientos|seiscientas setecientos|setecientas ochocientos|ochocientas novecientos|novecientas",
            "mil", "millón|millones", "y",
        ),
        no_denials=r"\bno (?:solo|sólo|solamente|únicamente|más de|menos de|más tarde)\b",
        goes_on="pero y mientras sino", days="lunes martes miércoles jueves viernes sábado|sábados domingo|domingos",
    ),
)
ITALIAN = Language(
    "it", "Italian", "LATIN",
    "il lo la i gli le un uno una e ed o di del dello della dei degli delle da dal dalla a al allo alla ai agli alle "
    "in nel nella nei con su sul sulla per tra fra è sono era che chi cosa quale quali quanto quanta quanti quante "
    "come quando dove perché si non più meno ma se ci ha hanno può possono deve devono essere questo questa "
    "questi queste ogni tutto tutti anche fino dopo prima mi entro",
    telling="costa dura", stemmer="italian", comma=True, letters="ì",
    abbreviations="sig sigg sigra dott dottssa prof ecc es pag n num ca art tel max min gen feb mar apr mag giu lug ago "
                  "sett ott nov dic",
    claims=Claims(
        "non nessun nessuno nessuna mai né niente nulla neanche nemmeno neppure",
        Numerals(
            "due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
            "diciassette diciotto diciannove",
            "venti trenta quaranta cinquanta sessanta settanta ottanta novanta", "zero", "uno un una", "cento", "",
            "mille|mila", "milione|milioni", "", fused="ten first",
        ),
        no_denials=r"\bnon (?:solo|soltanto|solamente|più di|meno di|oltre)\b",
        goes_on="ma e mentre però", days="lunedì martedì mercoledì giovedì venerdì sabato domenica",
    ),
)
PORTUGUESE = Language(
    "pt", "Portuguese", "LATIN",
    "o a os as um uma uns umas e ou de do da dos das em no na nos nas ao à aos às por pelo pela para com sem sobre é "
    "são era foi que quem qual quais quanto quanta quantos quantas como quando onde se seu sua seus suas "
    "este esta isto isso essa esse há tem têm pode podem deve devem ser estar está estão mais menos muito não mas até "
    "cada todo todos toda todas me eu",
    telling="custa dura", stemmer="portuguese", comma=True, letters="ãõ",
    abbreviations="sr sra dr dra etc aprox nº núm pág ex art av tel máx mín jan fev mar abr mai jun jul ago set out "
                  "nov dez",
    claims=Claims(
        "não nunca nenhum nenhuma nenhuns nem jamais nada ninguém tampouco",
        Numerals(
            "dois|duas três quatro cinco seis sete oito nove dez onze doze treze catorze|quatorze quinze "
            "dezesseis|dezasseis dezessete|dezassete dezoito dezenove|dezanove",
            "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa", "zero", "um uma", "cem|cento",
            "duzentos|duzentas trezentos|trezentas quatrocentos|quatrocentas quinhentos|quinhentas "
            "seiscentos|seiscentas setecentos|setecentas oitocentos|oitocentas novecentos|novecentas",
            "mil", "milhão|milhões", "e",
        ),
        no_denials=r"\bnão (?:só|somente|apenas|mais de|menos de)\b",
        goes_on="mas e enquanto porém", days="segunda-feira|segundas-feiras terça-feira|terças-feiras quarta-feira|quartas-feiras quinta-feira|quintas-feiras sexta-feira|sextas-feiras sábado|sábados domingo|domingos",
    ),
)
DUTCH = Language(
    "nl", "Dutch", "LATIN",
    "de het een en of van in op aan met voor door uit bij naar tot om te is zijn was waren wordt worden werd kan kunnen "
    "mag mogen moet moeten heeft hebben dat die deze dit wat wie waar wanneer hoe hoeveel welke waarom niet geen ook "
    "nog er als dan maar zo over onder na per je u we wij ze zij hij ik men zich alle elke",
    telling="duurt kost lang", stemmer="dutch", comma=True,
    abbreviations="bijv bv enz ca nr dhr mevr mw dr prof max min incl excl art tel evt o a d w z jan feb mrt apr jun "
                  "jul aug sept okt nov dec",
    claims=Claims(
        "niet geen nooit noch niets niemand nergens",
        Numerals(
            "twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
            "achttien negentien",
            "twintig dertig veertig vijftig zestig zeventig tachtig negentig", "nul", "één een", "honderd", "",
            "duizend", "miljoen", "en|ën", fused="unit first",
        ),
        no_denials=r"\bniet (?:alleen|meer dan|later dan|langer dan|minder dan)\b",
        goes_on="maar en terwijl echter", days="maandag|maandags dinsdag|dinsdags woensdag|woensdags donderdag|donderdags vrijdag|vrijdags zaterdag|zaterdags zondag|zondags",
    ),
)
SWEDISH = Language(
    "sv", "Swedish", "LATIN",
    "och att det den en ett i på är som för med av till från om inte var vad vem när hur vilken vilket vilka varför "
    "har hade kan får ska måste blir blev de vi ni jag man sig också eller men så under över efter vid per än mycket "
    "många finns alla denna detta dessa",
    telling="kostar länge", stemmer="swedish", comma=True,
    abbreviations="t ex bl a d v s o s v ca nr st kl m fl osv resp tel max min inkl exkl",
    claims=Claims(
        "inte ej icke ingen inget inga aldrig varken",
        Numerals(
            "två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton arton nitton",
            "tjugo trettio fyrtio femtio sextio sjuttio åttio nittio", "noll", "ett en", "hundra|etthundra", "",
            "tusen|ettusen", "miljon|miljoner", "", fused="ten first",
        ),
        no_denials=r"\binte (?:bara|endast|mer än|senare än|längre än)\b",
        goes_on="men och medan", days="måndag|måndagar|måndagen tisdag|tisdagar|tisdagen onsdag|onsdagar|onsdagen torsdag|torsdagar|torsdagen fredag|fredagar|fredagen lördag|lördagar|lördagen söndag|söndagar|söndagen",
    ),
)
DANISH = Language(
    "da", "Danish", "LATIN",
    "og at det den en et i på er som for med af til fra om ikke var hvad hvem hvornår hvor hvordan hvilken hvilket "
    "hvilke hvorfor har havde kan må skal bliver blev de vi jeg man sig også eller men så under over efter ved per end "
    "meget mange findes alle denne dette disse",
    telling="koster længe", stemmer="danish", comma=True, abbreviations="f eks bl a ca nr kl dvs osv mv tlf maks min inkl ekskl",
    claims=Claims(
        "ikke ej ingen intet aldrig hverken",
        Numerals(
            "to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten",
            "tyve tredive fyrre halvtreds tres halvfjerds firs halvfems", "nul", "et en én", "hundrede|ethundrede", "",
            "tusind|tusinde|ettusind", "million|millioner", "og", fused="unit first",
        ),
        no_denials=r"\bikke (?:kun|bare|mere end|senere end|længere end)\b",
        goes_on="men og mens", days="mandag|mandage tirsdag|tirsdage onsdag|onsdage torsdag|torsdage fredag|fredage lørdag|lørdage søndag|søndage",
    ),
)
NORWEGIAN = Language(
    "no", "Norwegian", "LATIN",
    "og at det den en et ei i på er som for med av til fra om ikke var hva hvem når hvor hvordan hvilken hvilket "
    "hvilke hvorfor har hadde kan må skal blir ble de vi jeg man seg også eller men så under over etter ved per enn "
    "mye mange finnes alle denne dette disse",
    telling="koster lenge", stemmer="norwegian", comma=True, abbreviations="f eks bl a ca nr kl dvs osv mv tlf maks min inkl ekskl",
    claims=Claims(
        "ikke ingen intet ingenting aldri verken",
        Numerals(
            "to tre fire fem seks sju|syv åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten",
            "tjue tretti førti femti seksti sytti åtti nitti", "null", "en ett ei", "hundre|etthundre", "",
            "tusen|ettusen", "million|millioner", "", fused="ten first",
        ),
        no_denials=r"\bikke (?:bare|kun|mer enn|senere enn|lenger enn)\b",
        goes_on="men og mens", days="mandag|mandager tirsdag|tirsdager onsdag|onsdager torsdag|torsdager fredag|fredager lørdag|lørdager søndag|søndager",
    ),
)
POLISH = Language(
    "pl", "Polish", "LATIN",
    "i w we na z ze do od o po za dla przez przy nad pod się jest są był była było nie to ten ta te co kto kiedy gdzie "
    "jak ile jaki jaka jakie który która które dlaczego czy że może mogą można musi muszą trzeba lub albo ale oraz "
    "tylko już jeszcze bardzo tym tego tej każdy każda wszystkie jego jej ich a",
    telling="kosztuje trwa", stemmer="polish", comma=True, letters="ąęłśźż",
    abbreviations="np itd itp tzn tj ok nr ul dr prof pt m in r godz tel maks min zł św",
    claims=Claims(
        "nie nigdy żaden żadna żadne żadnych żadnego żadnej ani nikt nikogo nic",
        Numerals(
            "dwa|dwie|dwóch|dwaj|dwu|dwoma trzy|trzech|trzej|trzema cztery|czterech|czterej pięć|pięciu sześć|sześciu "
            "siedem|siedmiu osiem|ośmiu dziewięć|dziewięciu dziesięć|dziesięciu jedenaście|jedenastu dwanaście|dwunastu "
            "trzynaście|trzynastu czternaście|czternastu piętnaście|piętnastu szesnaście|szesnastu siedemnaście|"
            "siedemnastu osiemnaście|osiemnastu dziewiętnaście|dziewiętnastu",
            "dwadzieścia|dwudziestu trzydzieści|trzydziestu czterdzieści|czterdziestu pięćdziesiąt|pięćdziesięciu "
            "sześćdziesiąt|sześćdziesięciu siedemdziesiąt|siedemdziesięciu osiemdziesiąt|osiemdziesięciu "
            "dziewięćdziesiąt|dziewięćdziesięciu",
            "zero", "jeden jedna jedno jednego jednej jednym", "sto|stu",
            "dwieście|dwustu trzysta|trzystu czterysta|czterystu pięćset|pięciuset sześćset siedemset osiemset "
            "dziewięćset",
            "tysiąc|tysiące|tysięcy", "milion|miliony|milionów",
        ),
        no_denials=r"\bnie (?:tylko|więcej niż|później niż|dłużej niż|mniej niż)\b",
        goes_on="ale a natomiast lecz", days="poniedziałek|poniedziałki|poniedziałku wtorek|wtorki|wtorku środa|środę|środy czwartek|czwartki|czwartku piątek|piątki|piątku sobota|sobotę|soboty niedziela|niedzielę|niedziele",
    ),
)
TURKISH = Language(
    "tr", "Turkish", "LATIN",
    "ve veya bir bu şu o için ile da de mi mı mu mü ne kim nerede nasıl kaç hangi neden zaman kadar olarak olan oldu "
    "olur var yok değil daha en çok az gibi sonra önce her tüm ya ama fakat ise ki göre üzere içinde arasında ben sen "
    "biz siz onlar nedir midir",
    stemmer="turkish", comma=True, letters="ığş", abbreviations="vb vs dr prof no tel örn bkz yy cad sok av",
    claims=Claims(
        "değil değildir yok yoktur hiç hiçbir asla",
        Numerals(
            "iki üç dört beş altı yedi sekiz dokuz on", "yirmi otuz kırk elli altmış yetmiş seksen doksan", "sıfır",
            "bir", "yüz", "", "bin", "milyon", "", fused="ten first",
        ),
        inside=r"\b(\w{2,}?)(?:[ae]?m[ae]z|m[ıiuü]yor|m[ae]mak|m[ae]mek|m[ae]m[ıi]ş|m[ae]d[ıi]|m[ae]yaca|m[ae]yece|"
               r"m[ae]mal[ıi]|m[ae]meli|m[ae]y[ıi]n|m[ae]dan|m[ae]den|s[ıiuü]z)(?=\w{0,8}\b)",
        no_denials=r"\b(?:değil mi|komedi\w*|namaz\w*|sadece \w+ değil|yalnız|yalnızca|yalnız\w*|kırmızı\w*|sizin|siz)\b",
        goes_on="ama fakat ise ancak", days="pazartesi salı çarşamba perşembe cuma cumartesi pazar",
    ),
)
# fmt: on
WITH_RULES = (
    ENGLISH,
    GERMAN,
    FRENCH,
    SPANISH,
    ITALIAN,
    PORTUGUESE,
    DUTCH,
    SWEDISH,
    DANISH,
    NORWEGIAN,
    POLISH,
    TURKISH,
)  # fmt: skip
