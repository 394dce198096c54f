from studio.cli.main import run


def test_a_model_of_latents_tells_the_size_of_its_pictures(tiny_sd_folder, capsys):
    assert run(["inspect", str(tiny_sd_folder)]) == 0
    assert "pictures   16 x 16 x 3, or sides in steps of 2" in capsys.readouterr().out
