from vos.web.realization_csv import inert


def test_formula_injection_is_defused() -> None:
    assert inert("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert inert("+1") == "'+1"
    assert inert("@x") == "'@x"
    assert inert("Retention") == "Retention"
