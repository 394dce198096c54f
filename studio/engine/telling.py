"""What is said of a job: what it waits for, and what went wrong with it."""

from studio.engine.errands.errand import ErrandJob
from studio.engine.fault import Fault, describe
from studio.engine.job import CompareJob, Job, SweepJob
from studio.library import Recipe


def preparation(recipe: Recipe) -> str:
    """Return what may take a while before the first step, or nothing."""
    if recipe.guide is not None or recipe.classifier is not None:
        return "Opening the models that guide…"
    if recipe.restoration is not None:
        return "Measuring the picture…"
    return "Reading the prompt…" if recipe.prompt or recipe.negative_prompt else ""


def fault_of(error: Exception, job: Job | CompareJob | SweepJob | ErrandJob) -> Fault:
    """Return what went wrong with a job, in words that name it."""
    if isinstance(job, ErrandJob):
        return describe(error, job.errand.title)
    if not isinstance(job, Job):
        return describe(error, "Comparing" if isinstance(job, CompareJob) else "Sweeping")
    count = len(job.recipe.seeds)
    doing = "Restoring" if job.recipe.restoration else "Sampling"
    return describe(error, f"{doing} {count} image{'s' if count > 1 else ''}")
