"""Refusals in other languages, and answers that deny something or merely contain such words."""

from __future__ import annotations

import pytest

from harness.language.refusals import REFUSALS
from harness.refusals import is_refusal
from harness.safety.refusals import declines
from harness.structured import FormDemand, read_form

REFUSED = {
    "de": (
        "Die Textstellen sagen nicht, wann die Werkstatt öffnet.",
        "Das weiß ich leider nicht.",
        "Tut mir leid, dabei kann ich nicht helfen.",
        "In den Dokumenten steht dazu nichts.",
        "Der Kontext enthält keine Informationen zu dieser Frage.",
        "Dazu liegen mir keine Angaben vor.",
        "Ich kann diese Frage nicht beantworten.",
        "Die Öffnungszeiten gehen aus den Texten nicht hervor.",
        "Ich weiß es nicht.",
        "Keine Ahnung.",
    ),
    "fr": (
        "Les passages ne disent pas quand il ouvre.",
        "Je ne sais pas.",
        "Désolé, je ne peux pas vous aider.",
        "Il n'y a pas d'information à ce sujet.",
        "Le contexte ne contient aucune information sur ce point.",
        "Cette information n'est pas mentionnée dans les documents.",
        "Je ne peux pas répondre à cette question.",
        "Malheureusement, je ne trouve aucune information dans les textes.",
    ),
    "es": (
        "Los pasajes no lo dicen.",
        "No lo sé.",
        "Lo siento, no puedo ayudarte con eso.",
        "No hay información sobre este tema.",
        "No se menciona en los documentos.",
        "El contexto no contiene información sobre los precios.",
        "No puedo responder a esta pregunta.",
    ),
    "it": (
        "I brani non lo dicono.",
        "Non lo so.",
        "Mi dispiace, non posso aiutarti.",
        "Il contesto non fornisce informazioni su questo.",
        "Non ho informazioni a riguardo.",
        "Non posso rispondere a questa domanda.",
        "Il prezzo non è indicato nei documenti.",
    ),
    "pt": (
        "Os trechos não dizem.",
        "Não sei.",
        "Desculpe, não posso ajudar com isso.",
        "O contexto não contém informações sobre isso.",
        "Não há informação disponível.",
        "Não consigo responder a essa pergunta.",
    ),
    "nl": (
        "De passages zeggen daar niets over.",
        "Dat weet ik niet.",
        "Sorry, daar kan ik niet mee helpen.",
        "De tekst bevat geen informatie over de prijs.",
        "Ik kan deze vraag niet beantwoorden.",
        "In de documenten staat daar niets over.",
    ),
    "pl": (
        "Fragmenty nie mówią o tym.",
        "Nie wiem.",
        "Przepraszam, nie mogę w tym pomóc.",
        "Niestety, nie mam informacji na ten temat.",
        "W tekście nie ma takiej informacji.",
        "Nie mogę odpowiedzieć na to pytanie.",
    ),
    "ru": (
        "В тексте об этом не говорится.",
        "Я не знаю.",
        "Извините, я не могу помочь с этим.",
        "К сожалению, в документах нет информации об этом.",
        "Тексты не содержат ответа на этот вопрос.",
        "Я не могу ответить на этот вопрос.",
        "В отрывках не указано, когда открывается музей.",
    ),
    "tr": (
        "Metinlerde bu konuda bilgi yok.",
        "Bilmiyorum.",
        "Üzgünüm, bu konuda yardımcı olamam.",
        "Belgelerde belirtilmiyor ve bu metinde geçmiyor.",
        "Bu soruyu yanıtlayamıyorum.",
        "Verilen pasajlarda açılış saati belirtilmemiştir.",
    ),
    "ar": (
        "لا تذكر المقاطع متى يفتح المتحف.",
        "لا أعرف.",
        "عذراً، لا أستطيع مساعدتك في ذلك.",
        "لا توجد معلومات حول هذا الموضوع.",
        "النص لا يحتوي على إجابة.",
        "لا يمكنني الإجابة عن هذا السؤال.",
    ),
    "hi": (
        "दिए गए अंशों में इसका उल्लेख नहीं है।",
        "मुझे नहीं पता।",
        "क्षमा करें, मैं इसमें मदद नहीं कर सकता।",
        "इस बारे में कोई जानकारी उपलब्ध नहीं है।",
        "मैं इस प्रश्न का उत्तर नहीं दे सकता।",
    ),
    "ko": (
        "제공된 문서에는 그 내용이 없습니다.",
        "모르겠습니다.",
        "죄송합니다. 도와드릴 수 없습니다.",
        "죄송하지만 이 질문에 답변할 수 없습니다.",
        "지문에 언급되어 있지 않습니다.",
        "관련 정보를 찾을 수 없습니다.",
    ),
    "zh": (
        "文中没有提到押金。",
        "我不知道。",
        "抱歉，我无法提供帮助。",
        "根据提供的资料，无法回答这个问题。",
        "所提供的文档中没有相关信息。",
        "对不起，文章没有说明开放时间。",
        "資料中沒有提到。",
    ),
    "ja": (
        "文章には書かれていません。",
        "わかりません。",
        "申し訳ありませんが、お手伝いできません。",
        "提供された資料には、その情報は記載されていません。",
        "本文からは分かりません。",
        "その質問にはお答えできません。",
    ),
}
ANSWERED = {
    "de": (
        "Hunde sind nicht erlaubt.",
        "Die Dokumente werden nicht verschickt.",
        "Ich weiß nicht genau, aber die Werkstatt öffnet um 9 Uhr.",
        "Der Text nennt 9 Uhr.",
        "Nein.",
        "Die Kaution beträgt 1200 Kronen.",
        "Der Preis enthält keine Getränke.",
        "Man kann die Seite nicht drucken.",
    ),
    "fr": (
        "Les chiens ne sont pas admis.",
        "Non.",
        "Je ne sais pas, mais il ouvre à 9 heures.",
        "Le billet ne comprend pas la visite.",
        "L'entrée n'est pas gratuite.",
    ),
    "es": (
        "No se permiten perros.",
        "No.",
        "No lo sé, pero abre a las 9.",
        "El precio no incluye bebidas.",
        "No hay cuota.",
    ),
    "it": (
        "Non sono ammessi cani.",
        "Il prezzo non include le bevande.",
        "Non lo so, ma apre alle 9.",
        "Non c'è quota.",
    ),
    "pt": ("Não são permitidos cães.", "O preço não inclui bebidas.", "Não há taxa.", "Não sei, mas abre às 9."),
    "nl": ("Honden zijn niet toegestaan.", "Er is geen toeslag.", "Dat weet ik niet, maar het opent om 9 uur."),
    "pl": ("Psy nie są dozwolone.", "Nie ma opłaty.", "Nie wiem, ale otwiera się o 9."),
    "ru": ("Собаки не допускаются.", "Нет платы.", "Я не знаю, но музей открывается в 9.", "В музее нет лифта."),
    "tr": ("Köpekler giremez.", "Ücret yok.", "Bilmiyorum ama 9'da açılıyor."),
    "ar": ("لا يسمح بدخول الكلاب.", "لا توجد رسوم.", "لا أعرف لكن يفتح في التاسعة."),
    "hi": ("कुत्तों की अनुमति नहीं है।", "कोई शुल्क नहीं है।", "मुझे नहीं पता लेकिन 9 बजे खुलता है।"),
    "ko": ("개는 들어갈 수 없습니다.", "요금이 없습니다.", "모르겠지만 아마 9시에 엽니다.", "사용할 수 없습니다."),
    "zh": ("不允许带狗。", "没有费用。", "我不知道，但是9点开门。", "不能续借。", "电梯不能使用。"),
    "ja": (
        "犬は入れません。",
        "料金はありません。",
        "わかりませんが、おそらく9時です。",
        "延長はできません。",
        "駐車場はありません。",
    ),
}


@pytest.mark.parametrize("text", [text for texts in REFUSED.values() for text in texts])
def test_refused(text: str) -> None:
    assert read_form(text, FormDemand(refusal="The pages do not say.")).refused


@pytest.mark.parametrize("text", [text for texts in ANSWERED.values() for text in texts])
def test_answered(text: str) -> None:
    assert not read_form(text, FormDemand(refusal="The pages do not say.")).refused


def test_every_language_of_the_table_is_tried() -> None:
    assert set(REFUSED) == set(ANSWERED) == set(REFUSALS)


@pytest.mark.parametrize(
    ("own", "text"),
    [
        ("页面没有写。", "抱歉，页面没有写。"),
        ("Sivut eivät kerro.", "Sivut eivät kerro!"),
        ("Steht hier nirgends.", "Leider: steht hier nirgends."),
    ],
)
def test_the_own_sentence_refuses_in_every_language(own: str, text: str) -> None:
    assert is_refusal(text, own)


@pytest.mark.parametrize(
    ("text", "declined"),
    [
        ("Tut mir leid, dabei kann ich nicht helfen. Wer so etwas tut, macht sich strafbar.", True),
        ("抱歉，我无法提供帮助。这样做是违法的。", True),
        ("Drücken Sie Strg-C. Wenn das nicht hilft, beenden Sie den Prozess.", False),
    ],
)
def test_an_unsafe_prompt_declined(text: str, declined: bool) -> None:
    assert declines(text) == declined
