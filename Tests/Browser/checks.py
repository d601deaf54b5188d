"""What a walk through pages promises, counted."""


class Checks:
    def __init__(self):
        self.kept, self.broken = 0, []

    def that(self, holds, promise, detail=""):
        if holds:
            self.kept += 1
        else:
            self.broken.append(f"{promise}{': ' if detail else ''}{detail}")
            print(f"BROKEN  {self.broken[-1]}")
