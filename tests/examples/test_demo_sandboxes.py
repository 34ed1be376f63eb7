from onboarding.demo.sandboxes import SandboxService


def test_one_key_makes_one_sandbox_however_often_it_is_sent(tmp_path):
    service = SandboxService(tmp_path)

    first = service.make(key="k1", body={"userId": "usr_1"})
    again = service.make(key="k1", body={"userId": "usr_1"})

    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body
    assert len(service) == 1


def test_a_key_is_known_after_a_restart(tmp_path):
    first = SandboxService(tmp_path).make(key="k1", body={"userId": "usr_1"})

    again = SandboxService(tmp_path).make(key="k1", body={"userId": "usr_1"})

    assert again.status == 200
    assert again.body == first.body


def test_a_key_for_another_user_is_refused(tmp_path):
    service = SandboxService(tmp_path)
    service.make(key="k1", body={"userId": "usr_1"})

    refused = service.make(key="k1", body={"userId": "usr_2"})

    assert refused.status == 422
    assert len(service) == 1


def test_a_request_without_a_key_or_a_user_is_refused(tmp_path):
    service = SandboxService(tmp_path)

    answers = [
        service.make(key="", body={"userId": "usr_1"}),
        service.make(key="k" * 256, body={"userId": "usr_1"}),
        service.make(key="k1", body={"userId": 1}),
        service.make(key="k1", body=["usr_1"]),
    ]

    assert [answer.status for answer in answers] == [400, 400, 422, 422]
    assert len(service) == 0
