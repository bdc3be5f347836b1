"""An animator's hand on the live screen: every tap counts."""

from playwright.sync_api import Locator, Page, expect

SCREEN = "/equipe/rencontres/cafe/en-direct"
PREPARE = "/equipe/rencontres/cafe/preparer"


class Hand:
    """Taps on one page, counted; words are the keyboard's and count nothing, tapping their field does."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, what: Locator | str) -> None:
        """Tap once: a button by its name, or what is given."""
        self.taps += 1
        (self.page.get_by_role("button", name=what).first if isinstance(what, str) else what).click()

    def write(self, field: Locator, words: str) -> None:
        """Write in a field; it is tapped first unless the keyboard is open on it already."""
        if not field.evaluate("(field) => field === document.activeElement"):
            self.tap(field)
        self.page.keyboard.insert_text(words)

    def opinion(self, words: str, theme: str | None = None) -> None:
        """Record what somebody says."""
        field = self.page.locator("#avis-texte")
        if not field.evaluate("(field) => field === document.activeElement"):
            self.tap(self.page.locator(".live-bar").get_by_role("link", name="Avis"))
        self.write(field, words)
        if theme:
            chip = self.page.get_by_label(theme, exact=True)
            if not chip.is_visible():
                self.tap(self.page.get_by_text("Thème, question, langue, carte"))
            self.tap(self.page.locator(f"label[for={chip.get_attribute('id')}]"))
        self.tap("Garder cet avis")
        expect(self.page.locator("[data-etat=avis] blockquote").first).to_have_text(words)

    def decision(self, words: str, owner: str, answer_from: str) -> None:
        """Record a decision: what, who, for when, who is to answer."""
        self.tap(self.page.locator(".live-bar").get_by_role("link", name="Décision"))
        self.write(self.page.locator("#decision-texte"), words)
        self.write(self.page.locator("#responsable"), owner)
        self.tap(self.page.get_by_text("Dans 1 mois"))
        self.write(self.page.locator("#reponse_de"), answer_from)
        self.tap("Garder cette décision")

    def proposal(self, opinion: str, hands: int) -> None:
        """Make a proposal of an opinion and count the hands raised for it."""
        line = self.page.locator("[data-etat=avis] > li").filter(has_text=opinion).first
        self.tap(line.get_by_text("En faire une proposition"))
        self.tap(line.get_by_role("button", name="Proposer"))
        self.write(line.get_by_label("Ajouter plusieurs mains"), str(hands))
        self.tap(line.get_by_role("button", name="Ajouter", exact=True))
        expect(line.locator("[data-champ=mains]")).to_have_text(str(hands))

    def total(self, name: str, number: int) -> None:
        """Count people at once."""
        form = self.page.locator(
            "form[data-evenement=compte]", has=self.page.get_by_label(f"Ajouter d'un coup : {name}")
        )
        self.write(form.locator("input[type=number]"), str(number))
        self.tap(form.get_by_role("button", name="Ajouter", exact=True))


def says(page: Page, words: str) -> None:
    """Wait until the pill says so."""
    expect(page.locator("#etat-envoi")).to_contain_text(words)


def prepare(hand: Hand) -> None:
    """Prepare the device, from the page that does it."""
    hand.tap("Préparer cet appareil")
    expect(hand.page.get_by_text("Prêt sans réseau jusqu'au")).to_be_visible(timeout=15_000)
