"""Refusals by language: 'the passages do not say', 'I don't know', 'I can't help with that', one row a language.

A pattern stands for a whole sentence, in lower case, without marks and accents. In it `{s}` is a source (the passages,
the text), `{n}` news (information, an answer), `{t}` what the question is about, behind, and `{b}` the same before.
English has rules of its own (`harness/refusals.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from harness.language.detect import language_of
from harness.language.scripts import MARKS, plain_letters
from harness.language.sentences import border
from harness.language.table import LANGUAGES

_TOPIC, _BEFORE = r"(?: \S+){0,24}", r"(?:\S+ ){0,12}"


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """The refusals of one language."""

    lead: str  # what may stand before: sorry, unfortunately
    source: str
    news: str
    core: tuple[str, ...]  # the refusals
    courtesy: str  # what may stand beside: please ask at the desk
    goes_on: str  # with one of these words a sentence goes on to say something
    spaceless: bool = False  # written without spaces


# fmt: off
REFUSALS: Mapping[str, RefusalRow] = {
    "de": RefusalRow(
        r"tut mir leid|es tut mir leid|leider|entschuldigung|entschuldigen sie|verzeihung|antwort|bedauere|aber|ich bedauere",
        r"(?:(?:den|die|der|dem|das|diesen|diese|dieser|diesem|meinen|ihren|deinen) )?(?:(?:bereitgestellten?|vorliegenden?|angegebenen?|gegebenen?|verfügbaren?|obigen?|vorhandenen?) )*(?:textstellen?|passagen?|abschnitte?n?|dokumente?n?|texte?n?|quellen?|auszüge?n?|seiten?|unterlagen|kontext|informationen|artikeln?|handbuch|material)",
        r"(?:information(?:en)?|angaben?|auskunft|auskünfte|details|hinweise?|antwort|daten|erwähnung)",
        (r"{s} (?:sagen|sagt|nennen|nennt|erwähnen|erwähnt|verraten|verrät|beantworten|beantwortet)(?: \S+){0,4} nichts?(?: (?:dazu|darüber))?{t}",
         r"{s} (?:enthalten|enthält|geben|gibt|liefern|liefert|machen|macht|bieten|bietet|haben|hat)(?: \S+){0,3} keine {n}{t}",
         r"(?:darüber|dazu|hierzu|davon) (?:sagen|sagt|steht|stehen|geben|enthalten|findet|finden|ist|gibt es)(?: sich)?(?: in)?(?: {s})? (?:nichts|keine {n}|nicht)(?: gesagt| erwähnt)?",
         r"in {s} (?:steht|stehen|findet|finden|gibt|ist|sind|wird|werden)(?: \S+){0,5} (?:nichts|keine {n}|nicht){t}",
         r"{b}(?:geht|gehen|lässt|lassen|ist|sind|wird|werden)(?: sich)? (?:aus|in) {s} nicht (?:hervor|entnehmen|erwähnt|angegeben|enthalten|genannt|beantwortet|beantworten)",
         r"(?:das |dies )?(?:ich weiß|weiß ich)(?: (?:es|das|leider|auch))* nicht{t}", r"das weiß ich (?:leider )?nicht", r"keine ahnung",
         r"(?:das |dies |diese frage |die frage )?(?:ich kann|kann ich)(?: \S+){0,5} nicht (?:beantworten|sagen|bestimmen|ermitteln|finden|feststellen)",
         r"(?:dabei |damit |dazu |hierbei )?(?:ich kann|kann ich|ich darf|darf ich|ich werde|werde ich)(?: (?:dir|ihnen|euch|leider|dabei|damit|dazu|bei (?:dieser|ihrer) (?:anfrage|bitte|frage)))* nicht (?:weiter)?(?:helfen|unterstützen|behilflich sein)",
         r"(?:dazu |hierzu |darüber )?(?:es |mir )?(?:liegen|liegt|gibt es|gibt|habe ich|finde ich|stehen)(?: \S+){0,3} keine {n}(?: vor)?{t}",
         r"ich (?:habe|finde)(?: \S+){0,3} keine {n}{t}", r"nicht (?:angegeben|erwähnt|bekannt|genannt)", r"keine {n}(?: verfügbar| vorhanden| gefunden)?"),
        r"bitte(?: \S+){1,14}|wenden sie sich(?: \S+){0,12}|fragen sie(?: \S+){0,12}|kann ich(?: \S+){0,8} helfen",
        r"aber|sondern|jedoch|allerdings|deshalb|daher|weil|vermutlich|wahrscheinlich|vielleicht|doch|außer",
    ),
    "fr": RefusalRow(
        r"désolée?|je suis (?:vraiment )?désolée?|malheureusement|excusez moi|réponse|navrée?|je suis navrée?|mais",
        r"(?:(?:les|le|la|l|ces|ce|cet|des|du|aux|mes|vos) )?(?:passages?|documents?|textes?|extraits?|sources?|pages?|contexte|articles?|informations?|données|éléments)(?: (?:fournis?|fournies?|donnés?|données|disponibles?|ci dessus|à ma disposition|transmis|présentés?))*",
        r"(?:informations?|réponse|détails?|précisions?|mention|indications?|données?|renseignements?)",
        (r"{s} (?:ne|n)(?: \S+)? (?:disent|dit|mentionnent?|précisent?|indiquent?|répondent?|parlent?|donnent?|contiennent|contient|fournissent|fournit|comportent?)(?: \S+){0,2} (?:pas|rien|aucune?){t}",
         r"(?:cela|ce|c|il|elle|cette information|l information|la réponse|cette question)(?: y)? (?:n|ne) (?:est|figure|sont|apparaît|se trouve)(?: \S+)? pas (?:mentionnée?|précisée?|indiquée?|donnée?|fournie?|disponible|connue?|dans)(?: (?:dans|par) {s})?(?: {s})?",
         r"(?:il|on) n(?: y)? (?:a|trouve) (?:pas|aucune?)(?: d)?(?: \S+){0,2} {n}{t}",
         r"(?:aucune?|pas d) {n}(?: n est)?(?: (?:disponible|donnée|trouvée|fournie|trouvé))?(?: dans {s})?{t}",
         r"je (?:ne|n en|n)(?: (?:le|la|l|en))? (?:sais|connais)(?: \S+)? ?(?:pas|rien){t}", r"je l ignore", r"aucune idée", r"je n en ai aucune idée",
         r"je (?:ne|n) (?:peux|puis|suis|saurais|trouve|dispose|ai|pourrai)(?: \S+){0,3}? (?:pas|d aucune?|aucune?|rien)(?: (?:en mesure d|capable d))?(?: (?:répondre|dire|trouver|déterminer|d \S+|de réponse|vous répondre|vous aider|t aider|aider|y répondre|assez|suffisamment)){1}{t}",
         r"je (?:ne|n) (?:trouve|dispose|ai)(?: \S+)? (?:aucune?|pas d|d aucune?) {n}{t}",
         r"(?:non|pas) (?:mentionnée?|précisée?|indiquée?)"),
        r"(?:veuillez|merci de|n hésitez pas|contactez|adressez vous|puis je|s il vous plaît)(?: \S+){0,14}",
        r"mais|cependant|toutefois|donc|car|parce|probablement|sans doute|peut être|sauf|néanmoins",
    ),
    "es": RefusalRow(
        r"lo siento(?: mucho)?|lamentablemente|desafortunadamente|disculpe|perdón|lo lamento|respuesta|pero",
        r"(?:(?:los|el|la|las|estos|este|del|mis|sus) )?(?:pasajes?|documentos?|textos?|fragmentos?|fuentes?|páginas?|contexto|artículos?|información|extractos?|datos)(?: (?:proporcionad[oa]s?|dad[oa]s?|disponibles?|facilitad[oa]s?|anteriores?|que tengo|suministrad[oa]s?))*",
        r"(?:información|respuesta|detalles?|mención|datos?|indicación|indicaciones)",
        (r"{s} no (?:lo )?(?:dicen?|mencionan?|indican?|especifican?|responden?|aclaran?|señalan?|precisan?|hablan?){t}",
         r"{s} no (?:contienen?|incluyen?|ofrecen?|dan?|proporcionan?|tienen?)(?: \S+){0,2} {n}{t}",
         r"(?:no|nada) se (?:menciona|indica|especifica|dice|encuentra|señala)(?: \S+){0,12} en {s}", r"no se (?:menciona|indica|especifica|sabe)(?: nada)?(?: en {s})?",
         r"en {s} no (?:se|hay|aparece|figura|consta)(?: \S+){0,2}? ?(?:menciona|indica|especifica|dice|encuentra|{n})?{t}",
         r"no hay(?: \S+)? {n}{t}", r"no (?:lo )?sé(?: (?:si|cuándo|cuál|qué|quién|cómo|dónde|cuánt[oa]s?|por qué|nada|la respuesta)(?: \S+){0,24})?", r"no tengo (?:ni )?idea|ni idea", r"no (?:tengo|encuentro|dispongo de|encontré)(?: \S+){0,2} {n}{t}",
         r"no (?:puedo|podría|soy capaz de|es posible)(?: \S+)? ?(?:responder(?:la|lo|te|le)?|contestar(?:la|lo)?|decir(?:lo|te|le)?|determinar(?:lo)?|saber(?:lo)?|encontrar(?:lo)?|ayudar(?:te|le|los)?|proporcionar){t}",
         r"no (?:mencionad|especificad|indicad)[oa]"),
        r"(?:por favor|consulte|contacte|póngase en contacto|puedo ayudar\S*|pregunte)(?: \S+){0,14}",
        r"pero|sin embargo|aunque|porque|por lo tanto|así que|probablemente|quizás?|tal vez|excepto|salvo",
    ),
    "it": RefusalRow(
        r"mi dispiace|spiacente|purtroppo|sono spiacente|scusa|scusi|risposta|ma",
        r"(?:(?:i|il|gli|le|la|lo|l|questi|questo|nei|nel|negli|nelle|nella|dai|dal|dalle|dagli) )?(?:passaggi|passaggio|documenti|documento|testi|testo|brani|brano|fonti|fonte|pagine|pagina|contesto|articoli|articolo|informazioni|estratti|estratto|dati)(?: (?:fornit[oiae]|dat[oiae]|disponibil[ei]|a disposizione|riportat[oiae]))*",
        r"(?:informazion[ei]|risposta|dettagli|menzione|dati|indicazion[ei])",
        (r"{s} non (?:lo )?(?:dicono|dice|menzionano|menziona|specificano|specifica|indicano|indica|rispondono|risponde|precisano|precisa|parlano|parla){t}",
         r"{s} non (?:contengono|contiene|forniscono|fornisce|riportano|riporta|danno|dà|offrono|offre)(?: \S+){0,2} {n}{t}",
         r"(?:in )?{s} non (?:c è|ci sono|si trova|è|viene|si)(?: \S+){0,2}{t}", r"(?:{b})non è (?:menzionat[oa]|specificat[oa]|indicat[oa]|riportat[oa])(?: (?:in )?{s})?",
         r"non ci sono {n}{t}", r"non (?:lo )?so{t}", r"non ne ho idea|non ho idea", r"non (?:ho|trovo|dispongo di)(?: \S+){0,2} {n}{t}",
         r"non (?:posso|sono in grado di|riesco a|è possibile)(?: \S+)? ?(?:rispondere|dire|dirlo|determinare|determinarlo|trovare|aiutar(?:ti|la|vi|e)|sapere|saperlo|fornire){t}"),
        r"(?:per favore|contatt\S+|consult\S+|posso aiutar\S+|si prega)(?: \S+){0,14}",
        r"ma|però|tuttavia|quindi|perché|probabilmente|forse|anche se|tranne|comunque",
    ),
    "pt": RefusalRow(
        r"desculpe|sinto muito|lamento|infelizmente|peço desculpas?|resposta|mas",
        r"(?:(?:os|o|as|a|estes|este|nos|no|nas|na|dos|meus) )?(?:trechos?|passagens|passagem|documentos?|textos?|fontes?|páginas?|contexto|artigos?|informações|excertos?|dados)(?: (?:fornecid[oa]s?|dad[oa]s?|disponíve(?:l|is)|apresentad[oa]s?|acima))*",
        r"(?:informaç(?:ão|ões)|resposta|detalhes?|menção|dados?|indicaç(?:ão|ões))",
        (r"{s} não (?:o )?(?:dizem|diz|mencionam?|especificam?|indicam?|respondem?|informam?|esclarecem?|falam?){t}",
         r"{s} não (?:contêm|contém|incluem|inclui|fornecem?|dão|dá|trazem|traz|têm|tem)(?: \S+){0,2} {n}{t}",
         r"(?:{b})não (?:é|está|foi|consta|há)(?: \S+)? ?(?:mencionad[oa]|especificad[oa]|indicad[oa]|informad[oa]|{n}|dito)?(?: (?:em )?{s})",
         r"não há(?: \S+)? {n}{t}", r"(?:eu )?não sei{t}", r"não faço ideia|não tenho ideia", r"(?:eu )?não (?:tenho|encontrei|encontro|disponho de)(?: \S+){0,2} {n}{t}",
         r"(?:eu )?não (?:posso|consigo|sou capaz de|é possível|poderei)(?: \S+)? ?(?:responder|dizer|determinar|encontrar|ajudar|ajudá lo|saber|fornecer){t}"),
        r"(?:por favor|consulte|contacte|entre em contato|posso ajudar)(?: \S+){0,14}",
        r"mas|porém|contudo|no entanto|porque|portanto|provavelmente|talvez|embora|exceto",
    ),
    "nl": RefusalRow(
        r"sorry|helaas|het spijt me|excuses|antwoord|maar|mijn excuses",
        r"(?:(?:de|het|deze|dit|mijn|uw) )?(?:(?:gegeven|beschikbare|verstrekte|bijgevoegde|bovenstaande) )*(?:passages?|documenten|document|teksten|tekst|fragmenten|fragment|bronnen|bron|pagina s|pagina|context|artikelen|artikel|informatie|gegevens)",
        r"(?:informatie|antwoord|details|vermelding|gegevens|aanwijzing)",
        (r"{s} (?:zeggen|zegt|vermelden|vermeldt|noemen|noemt|melden|meldt|geven|geeft|beantwoorden|beantwoordt)(?: \S+){0,4} (?:niets|niet|geen {n}){t}",
         r"{s} (?:bevatten|bevat|bieden|biedt|hebben|heeft)(?: \S+){0,2} geen {n}{t}", r"in {s} (?:staat|staan|is|wordt|worden)(?: \S+){0,4} (?:niets|niet|geen {n}){t}",
         r"(?:{b})(?:wordt|worden|is|staat|staan) (?:niet (?:vermeld|genoemd|aangegeven)(?: in {s})?|(?:in {s} )?niet (?:vermeld|genoemd))", r"er is geen {n}{t}",
         r"(?:ik weet het|dat weet ik|ik weet)(?: helaas)? niet{t}", r"geen idee", r"ik (?:heb|vind|kan) (?:hierover |daarover )?(?:geen {n}){t}",
         r"(?:ik kan|kan ik)(?: \S+){0,5} niet (?:beantwoorden|zeggen|bepalen|vinden|helpen|bij helpen)", r"(?:daar|hier)(?:mee| ?bij)? kan ik(?: \S+){0,3} niet (?:mee |bij )?helpen"),
        r"(?:neem contact|raadpleeg|vraag|kan ik u|alstublieft)(?: \S+){0,14}",
        r"maar|echter|omdat|dus|waarschijnlijk|misschien|tenzij|behalve",
    ),
    "pl": RefusalRow(
        r"przepraszam|niestety|przykro mi|odpowiedź|ale|bardzo mi przykro",
        r"(?:(?:podane|podanych|podany|dostępne|dostępnych|powyższe|powyższych|te|tych|ten|tym|dostarczone|dostarczonych) )*(?:fragmenty|fragmentach|fragment|dokumenty|dokumentach|dokument|dokumencie|teksty|tekstach|tekst|tekście|źródła|źródłach|strony|stronach|kontekst|kontekście|artykuły|informacje|materiały|materiałach|dane)",
        r"(?:informacji|odpowiedzi|szczegółów|wzmianki|danych|wskazówek)",
        (r"{s} nie (?:mówią|mówi|podają|podaje|wspominają|wspomina|określają|określa|zawierają|zawiera|wskazują|odpowiadają|odpowiada|wyjaśniają){t}",
         r"(?:w|we) {s} nie (?:ma|podano|wspomniano|określono|znajduje się|jest|znalazłem|znalazłam){t}", r"nie (?:podano|wspomniano|określono)(?: (?:w|we) {s})?{t}",
         r"nie wiem{t}", r"nie mam pojęcia", r"(?:ja )?nie (?:mam|znalazłem|znalazłam|znajduję)(?: \S+){0,2} {n}{t}", r"brak {n}{t}", r"nie ma(?: \S+)? {n}{t}",
         r"nie (?:mogę|potrafię|jestem w stanie|można|da się)(?: \S+){0,2}? (?:odpowiedzieć|powiedzieć|określić|stwierdzić|znaleźć|pomóc|ustalić){t}", r"nie mogę (?:w tym |ci |panu |pani )*pomóc"),
        r"(?:proszę|skontaktuj|czy mogę)(?: \S+){0,14}",
        r"ale|jednak|ponieważ|więc|prawdopodobnie|może|chyba|oprócz|natomiast",
    ),
    "ru": RefusalRow(
        r"извините|простите|к сожалению|сожалею|мне жаль|ответ|прошу прощения|но",
        r"(?:(?:предоставленн\S+|данн\S+|приведенн\S+|приведённ\S+|доступн\S+|этих|эти|этом|имеющ\S+) )*(?:отрывк\S+|документ\S*|текст\S*|фрагмент\S*|источник\S*|страниц\S*|контекст\S*|стать\S+|материал\S*|информаци\S+|данны\S+)",
        r"(?:информаци[ияю]|ответа?|сведени[йя]|данны[хе]|упоминани[йяе]|указани[йяе])",
        (r"(?:в|во) {s} (?:не|нет|ничего не|об этом не|это не)(?: \S+){0,3}{t}", r"{s} (?:не|ничего не) (?:содерж\S+|сообща\S+|говор\S+|указыва\S+|упомина\S+|отвеча\S+|да[её]т|дают){t}",
         r"(?:{b})не (?:указан\S*|упомина\S+|упомянут\S*|сказано|говорится)(?: (?:в|во) {s})?{t}", r"нет {n}{t}", r"(?:я )?(?:этого )?не знаю{t}", r"понятия не имею",
         r"(?:у меня )?нет(?: \S+)? {n}{t}", r"(?:я )?не (?:могу|смогу|нашел|нашёл|нашла|располагаю|имею)(?: \S+){0,3}? ?(?:ответить|сказать|определить|найти|помочь|{n}){t}"),
        r"(?:пожалуйста|обратитесь|уточните|могу ли я)(?: \S+){0,14}",
        r"но|однако|потому|поэтому|вероятно|возможно|наверное|хотя|кроме|зато",
    ),
    "tr": RefusalRow(
        r"üzgünüm|maalesef|ne yazık ki|özür dilerim|cevap|ama",
        r"(?:(?:verilen|sağlanan|mevcut|bu|yukarıdaki|sunulan) )*(?:pasajlar\S*|pasaj\S*|belgeler\S*|belge\S*|metinler\S*|metin\S*|metn\S*|kaynak\S*|sayfa\S*|bağlam\S*|makale\S*|bilgiler\S*|parça\S*)",
        r"(?:bilgi|cevap|yanıt|ayrıntı|veri)",
        (r"{s}(?: \S+){0,6} (?:belirtilmiyor|belirtilmemiş\S*|yer almıyor|bulunmuyor|bulunmamaktadır|söylemiyor|belirtmiyor|geçmiyor|yok|yoktur|bahsetmiyor|içermiyor|bahsedilmiyor|yanıtlamıyor|söylenmiyor)",
         r"(?:{b})(?:bilmiyorum|bilgim yok|fikrim yok|bir fikrim yok)", r"(?:{b})(?:{n} (?:yok|yoktur|bulunmuyor|bulunamadı|bulamadım|mevcut değil))",
         r"(?:bu |size |soruya |soruyu |konuda |bu konuda )*(?:yanıtlayamıyorum|cevaplayamıyorum|cevaplayamam|yanıtlayamam|yardımcı olamam|yardımcı olamıyorum|yardım edemem|söyleyemem|cevap veremem|yanıt veremem)"),
        r"(?:lütfen|başka bir)(?: \S+){0,14}",
        r"ama|fakat|ancak|çünkü|muhtemelen|belki|galiba|yine de",
    ),
    "ar": RefusalRow(
        r"عذرا|آسف|أعتذر|للأسف|المعذرة|أنا آسف|مع الأسف|لكن",
        r"(?:(?:في|من) )?(?:هذه |هذا )?(?:المقاطع|النصوص|النص|المستندات|الوثائق|المصادر|الصفحات|السياق|المقالات|المعلومات|الفقرات|المقطع)(?: (?:المقدمة|المتاحة|المعطاة|المرفقة|المذكورة|المقدم))*",
        r"(?:معلومات|إجابة|تفاصيل|ذكر|بيانات|معلومة)",
        (r"(?:لا|لم) (?:تذكر|يذكر|تقول|يقول|توضح|يوضح|تحدد|يحدد|تشير|يشير|تتضمن|يتضمن|تحتوي|يحتوي|تجيب|يجيب|ترد|يرد){t}", r"{s} (?:لا|لم) (?:تذكر|يذكر|تقول|يقول|توضح|يوضح|تحدد|يحدد|تشير|يشير|تتضمن|يتضمن|تحتوي|يحتوي|تجيب|يجيب|ترد){t}",
         r"(?:لا|ليس) (?:توجد|يوجد|لدي|هناك|تتوفر|يتوفر)(?: \S+){0,2}? {n}{t}", r"(?:أنا )?لا (?:أعرف|أعلم|أدري){t}", r"غير (?:مذكور|معروف|محدد)(?: {s})?",
         r"(?:أنا )?(?:لا|لن) (?:أستطيع|يمكنني|أتمكن)(?: من)?(?: \S+)? ?(?:الإجابة|مساعدتك|المساعدة|القول|تحديد|العثور|الرد|تقديم){t}"),
        r"(?:يرجى|من فضلك|هل)(?: \S+){0,14}", r"لكن|ولكن|لأن|ربما|لذلك|إلا|غالبا|مع ذلك",
    ),
    "hi": RefusalRow(
        r"क्षमा करें|माफ़ करें|माफ करें|खेद है|मुझे खेद है|दुर्भाग्य से|दुर्भाग्यवश|उत्तर|लेकिन|माफ़ कीजिए",
        r"(?:(?:दिए गए|दी गई|उपलब्ध|इन|इस|प्रदान किए गए) )*(?:अंशों|अंश|दस्तावेज़ों|दस्तावेजों|दस्तावेज़|पाठ|स्रोतों|पृष्ठों|संदर्भ|लेखों|जानकारी|अनुच्छेदों|गद्यांशों|सामग्री)",
        r"(?:जानकारी|उत्तर|जवाब|विवरण|उल्लेख|सूचना)",
        (r"{s} (?:में|से)(?: \S+){0,10} (?:नहीं|कोई {n} नहीं)(?: \S+){0,5}", r"(?:{b})(?:मुझे |मैं )(?:यह |इसका |इसके बारे में )*(?:नहीं पता|पता नहीं|नहीं मालूम|नहीं जानता|नहीं जानती|मालूम नहीं)(?: \S+){0,2}", r"पता नहीं|मुझे नहीं पता(?: है)?|मालूम नहीं",
         r"(?:{b})(?:मैं )?(?:{b})(?:नहीं (?:दे|बता|कर|ढूँढ) (?:सकता|सकती)|उत्तर नहीं दे सकता|मदद नहीं कर सकता|मदद नहीं कर सकती)(?: \S+){0,2}", r"(?:{b})कोई {n} (?:उपलब्ध )?नहीं(?: \S+){0,3}"),
        r"(?:कृपया|क्या मैं)(?: \S+){0,14}", r"लेकिन|परंतु|मगर|क्योंकि|इसलिए|शायद|संभवतः|किंतु",
    ),
    "ko": RefusalRow(
        r"죄송합니다만?|죄송하지만|미안합니다만?|유감스럽게도|안타깝게도|아쉽게도|답변",
        r"(?:(?:제공된|주어진|이|해당|위의|제시된) )*(?:지문|문서|본문|글|자료|출처|페이지|문맥|기사|정보|내용|문단|구절|발췌문)\S*",
        r"(?:정보|답변|답|내용|언급|설명|자료)\S*",
        (r"{s}(?: \S+){0,8} (?:없습니다|없어요|않습니다|않았습니다|않아요|않는다|없다|나와 있지 않습니다|언급되어 있지 않습니다)", r"(?:{b})(?:{n}) (?:없습니다|없어요|찾을 수 없습니다)",
         r"(?:{b})(?:모르겠습니다|모릅니다|몰라요|모르겠어요|알 수 없습니다|알지 못합니다)", r"(?:{b})(?:답변할|답할|도와드릴|도울|대답할|말씀드릴|도움을 드릴|확인할) 수(?:가)? 없습니다"),
        r"(?:문의|다른 질문|도와드릴까요)\S*(?: \S+){0,10}", r"하지만|그러나|그래서|아마|다만|왜냐하면",
    ),
    "zh": RefusalRow(
        r"抱歉|对不起|對不起|很抱歉|很遗憾|很遺憾|遗憾的是|不好意思|回答|答案|但|但是",
        r"(?:(?:根据|在|从|依据)?(?:所?提供的?|给出的?|给定的?|上述|现有的?|这些|该|以上)*(?:文章|文档|文件|文本|段落|资料|材料|来源|页面|上下文|内容|信息|文|原文|片段|資料|文件|段落)(?:中|里|内|裡)?(?:都|也|并|均)?)",
        r"(?:信息|资料|答案|内容|说明|记载|数据|資訊|資料|相关信息|相关内容|相关资料)",
        (r"{s}(?:没有|并未|未|没|沒有|不)(?:提到|提及|说明|说|给出|包含|回答|涉及|指出|记载|明确|写明|提供|說明|標明|讲)(?:.{0,30})", r"{s}(?:没有|无|沒有)(?:任何|足够的?|相关的?|关于.{1,20}的)*{n}(?:.{0,10})",
         r"(?:我|本人)?(?:不知道|不清楚|不确定|不晓得|不了解|無法確定|并不知道)(?:.{0,20})", r"(?:{s})?(?:我)?(?:无法|不能|没办法|沒辦法|無法)(?:根据{s})?(?:回答|确定|得知|判断|提供|找到|告知|帮助|协助|帮|回答|確定|幫)(?:.{0,20})",
         r"(?:没有|未|找不到|未找到|沒有)(?:找到)?(?:任何|足够的?|相关的?)*{n}(?:.{0,10})", r"未提及|没有提到|未说明|不详"),
        r"(?:请|請|建议|如需|如果您|有其他).{0,30}", r"但是?|不过|然而|所以|因此|因为|可能|也许|大概|应该是|除非",
        spaceless=True,
    ),
    "ja": RefusalRow(
        r"申し訳(?:ありません|ございません)(?:が)?|すみません(?:が)?|残念ながら|恐れ入りますが|回答|答え|ごめんなさい",
        r"(?:(?:提供された|与えられた|上記の|この|これらの|ご提示の|示された|該当の)*(?:文章|文書|資料|本文|テキスト|文脈|情報|ページ|記事|段落|抜粋|コンテキスト|文中|パッセージ|出典|内容)(?:の中)?(?:に|から|で|は|では|には|からは|の中には)*)",
        r"(?:情報|記載|記述|答え|回答|言及|説明)",
        (r"(?:.{0,20})?{s}(?:.{0,30})(?:ありません|書かれていません|記載されていません|述べられていません|見つかりません|見当たりません|わかりません|分かりません|言及されていません|示されていません|答えられません|ない|含まれていません|触れられていません|判断できません|いません)(?:でした)?",
         r"(?:.{0,20})(?:わかりません|分かりません|存じません|知りません|お答えできません|答えられません|不明です|わからない)(?:でした)?", r"(?:.{0,20})(?:お手伝い|お手伝いすること|お力になること|ご協力|ご案内|お答えすること|手伝うこと)(?:は|が)?(?:できません|いたしかねます)", r"(?:.{0,12}){n}(?:は|が)(?:ありません|見つかりません)(?:でした)?"),
        r"(?:ご了承|お問い合わせ|他に|ほかに|詳しくは).{0,30}", r"しかし|ですが|けれど|おそらく|たぶん|なので|だから|ただし",
        spaceless=True,
    ),
}
# fmt: on


def is_refusal_elsewhere(text: str, own: str | None = None) -> bool:
    """Whether the text refuses, in another language than English, and does nothing else.

    Args:
        own: the scenario's own sentence for it.
    """
    return any(_refuses(text, code, own or "") for code in _codes(text))


def opens_with_refusal(text: str, sentences: int) -> bool:
    """Whether one of the first sentences is such a refusal, whatever follows."""
    return any("refusal" in _kinds(text, code, "")[:sentences] for code in _codes(text))


def _codes(text: str) -> tuple[str, ...]:
    """The languages that the text may be in: none where it is English, all of its script where nothing tells."""
    language = language_of(text)
    if language is None:
        return tuple(code for code in REFUSALS if LANGUAGES[code].script == "LATIN")
    return (language.code,) if language.code in REFUSALS else ()


def _refuses(text: str, code: str, own: str) -> bool:
    kinds = _kinds(text, code, own)
    return "refusal" in kinds and None not in kinds


def _kinds(text: str, code: str, own: str) -> list[str | None]:
    pieces = [piece for line in text.splitlines() for piece in border(LANGUAGES[code]).split(line)]
    return [_kind(piece, code, own) for piece in pieces if _plain_words(piece, REFUSALS[code].spaceless)]


def _kind(sentence: str, code: str, own: str) -> str | None:
    """The kind of one sentence: a refusal, a courtesy, or None for everything that says something."""
    row, patterns = REFUSALS[code], _patterns(code)
    rest = _plain_words(sentence, row.spaceless)
    while match := patterns.lead.match(rest):
        rest = rest[match.end() :]
    if not rest or patterns.courtesy.fullmatch(rest):
        return "courtesy"
    if own and rest == _plain_words(own, row.spaceless):
        return "refusal"
    if patterns.goes_on.search(rest) or any(map(str.isdigit, rest)):
        return None
    return "refusal" if patterns.core.fullmatch(rest) else None


@lru_cache(maxsize=4096)
def _plain_words(text: str, spaceless: bool) -> str:
    """The text's words in lower case, without accents; of a script without spaces, the signs alone."""
    plain = plain_letters(text.casefold().replace("ß", "ss")).replace("ё", "е").replace("ı", "i")
    return _gap().sub("" if spaceless else " ", plain).strip()


@cache
def _gap() -> re.Pattern[str]:
    return re.compile(rf"[^\w{MARKS}]+")


@dataclass(frozen=True, slots=True)
class _Patterns:
    lead: re.Pattern[str]
    core: re.Pattern[str]
    courtesy: re.Pattern[str]
    goes_on: re.Pattern[str]


@cache
def _patterns(code: str) -> _Patterns:
    row = REFUSALS[code]
    end = "" if row.spaceless else r"(?: |$)"
    edge = ("", "") if row.spaceless else (rf"(?<![\w{MARKS}])", rf"(?![\w{MARKS}])")
    return _Patterns(
        _compiled(rf"(?:{row.lead}){end}", row),
        _compiled("|".join(f"(?:{part})" for part in row.core), row),
        _compiled(row.courtesy, row),
        _compiled(f"{edge[0]}(?:{row.goes_on}){edge[1]}", row),
    )


def _compiled(pattern: str, row: RefusalRow) -> re.Pattern[str]:
    for name, text in (("s", row.source), ("n", row.news), ("t", _TOPIC), ("b", _BEFORE)):
        pattern = pattern.replace(f"{{{name}}}", f"(?:{text})" if name in "sn" else text)
    return re.compile(plain_letters(pattern.replace("ß", "ss").replace("ё", "е").replace("ı", "i")))
