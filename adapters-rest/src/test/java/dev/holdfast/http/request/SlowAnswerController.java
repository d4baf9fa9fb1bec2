package dev.holdfast.http.request;

import io.micronaut.context.annotation.Requires;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;

/** Answers when the test wants it to. */
@Hidden
@Controller("/slow-answer")
@Requires(beans = SlowAnswer.class)
final class SlowAnswerController {
    private final SlowAnswer answer;

    SlowAnswerController(SlowAnswer answer) {
        this.answer = answer;
    }

    @Get
    @Secured(SecurityRule.IS_ANONYMOUS)
    @ExecuteOn(TaskExecutors.BLOCKING)
    String get() throws InterruptedException {
        answer.asked().release();
        answer.latch().await();
        return "at last";
    }
}
