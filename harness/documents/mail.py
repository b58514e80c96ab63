"""Mail (.eml) and saved pages (.mhtml): subject, sender, date and the text; attachments are named."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from harness.documents.encoding import decode
from harness.documents.html import html_text, read_html
from harness.documents.results import Content, Unreadable


def read_mail(raw: bytes) -> Content:
    """One message: its plain text, else its HTML. Unreadable where it has neither."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise Unreadable("not a mail: no header lines; save it again as .eml")
    body = message.get_body(("plain", "html"))
    if body is None:
        raise Unreadable("a mail without text; save what is attached to it")
    data = body.get_payload(decode=True)
    decoded = decode(data if isinstance(data, bytes) else b"", body.get_content_charset())
    text = html_text(decoded.text) if body.get_content_type() == "text/html" else decoded.text.replace("\r\n", "\n")
    subject = str(message.get("subject") or "").strip() or None
    lines = [f"{name}: {message[name.lower()]}" for name in ("From", "To", "Date") if message.get(name.lower())]
    head = [f"# {subject}"] if subject else []
    attached = [str(part.get_filename() or part.get_content_type()) for part in message.iter_attachments()]
    remarks = (f"attachments not read: {', '.join(attached)}; save them beside it",) if attached else ()
    return Content("\n\n".join([*head, "\n".join(lines), text.strip()]), subject, _date(message), remarks=remarks)


def read_saved_page(raw: bytes) -> Content:
    """A page that a browser saved with everything in it (.mhtml)."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            data = part.get_payload(decode=True)
            return read_html(data if isinstance(data, bytes) else b"")
    raise Unreadable("a saved page without HTML; save it again as .html")


def _date(message: EmailMessage) -> str | None:
    try:
        return parsedate_to_datetime(str(message.get("date"))).date().isoformat()
    except (TypeError, ValueError):
        return None
