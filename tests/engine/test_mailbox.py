from studio.engine.mailbox import Mailbox


def test_only_the_newest_item_is_handed_over():
    box = Mailbox()
    notices = [box.put(i) for i in range(5)]
    assert notices == [True, False, False, False, False]
    assert box.take() == 4
    assert box.take() is None
    assert box.put(7) is True
