"""Invented persons; every name, address and number here belongs to nobody."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.company.base import stream, words

FIRST = words(
    "Alva Bela Cosima Darian Edda Falk Greta Hilko Imke Joris Kaja Levke Mattis Nele Okko Pia"
    " Quirin Runa Silke Tjark Ulla Veit Wiebke Xenia Yorick Zita Anouk Birk Clea Deike Enno Fenja"
)
LAST = words(
    "Albrink Bornholt Clasmeier Dornhege Eggerath Fenkamp Grotewold Hasselbrink Ihmels Jurgeit"
    " Kattwinkel Lohmar Mersfeld Nienstedt Ossendorf Pellmann Querfurt Reckwitz Sudbrack Tellkamp"
    " Uhlhorn Vosskuhl Wittgrebe Zumloh Ahrensdorf Brinkhege Dettmarsen Elverfeld Frohwein Kleffner"
)
HOSTS = ("example.com", "example.org", "example.net")


@dataclass(slots=True)
class Person:
    """One invented person. `touched` says that touchpoints of this person exist."""

    id: int
    first: str
    last: str
    email: str
    phone: str
    touched: bool = False

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    @property
    def profile_url(self) -> str:
        """Address of the person's page at a social network."""
        return f"https://social.example.com/people/{self.id}"


class People:
    """All persons of the simulation, made on demand."""

    def __init__(self, seed: int) -> None:
        self._rng = stream(seed, "people")
        self.all: list[Person] = []

    def new(self, like: Person | None = None) -> Person:
        """Return a new person; `like` gives the same name another address (a double record)."""
        number = len(self.all) + 1
        first = like.first if like else self._rng.choice(FIRST)
        last = like.last if like else self._rng.choice(LAST)
        email = f"{first}.{last}.{number}@{self._rng.choice(HOSTS)}".lower()
        phone = f"+49 4000 {self._rng.randint(100, 999)} {number:05d}"
        self.all.append(Person(number, first, last, email, phone))
        return self.all[-1]

    def personal_values(self) -> list[str]:
        """Return every text that must never reach the disk as it is (compare in lower case)."""
        values = {v for p in self.all for v in (p.name, p.email, p.phone, p.profile_url)}
        return sorted(values)
