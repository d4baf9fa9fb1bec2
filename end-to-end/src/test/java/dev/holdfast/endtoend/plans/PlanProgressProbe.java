package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatterBuilder;

/** How far a database's plan has come, in the catalogue; set back, it is that of a server that was down. */
public record PlanProgressProbe(Path dataDir, String database) {
    private static final Duration PERIOD = Duration.ofDays(1);

    public PlanProgressProbe(Path dataDir) {
        this(dataDir, "default");
    }

    /** Until the server has looked at a plan whose timetable reads so. */
    public void awaitBegun(String job, String timetable) throws Exception {
        Eventually.get(() -> column(job, "timetable"), it -> it.contains(timetable));
    }

    /** To be called while no server runs, or none is at this job. */
    public void wasDownFor(String job, Duration time) throws SQLException {
        String then = new DateTimeFormatterBuilder()
                .appendInstant(9)
                .toFormatter()
                .format(Instant.now().minus(time));
        update("handled = '" + then + "'", job);
    }

    /** As if it had ended between a planned backup and what follows it. To be called while no server runs. */
    public void diedBeforeExpiry() throws SQLException {
        update("expiry_pending = 1", "BACKUP");
    }

    /** Until a daily job is done with its last time, and with what follows. */
    public void awaitDone(String job) throws Exception {
        Instant before = Instant.now().minus(PERIOD);
        Eventually.get(
                () -> column(job, "handled || expiry_pending"),
                it -> it.endsWith("Z0")
                        && Instant.parse(it.substring(0, it.length() - 1)).isAfter(before));
    }

    private String column(String job, String column) throws SQLException {
        try (Connection connection = open()) {
            return Bank.text(
                    connection,
                    "SELECT " + column + " FROM plan_progress WHERE database = '" + database + "' AND job = '" + job
                            + "'");
        }
    }

    private void update(String change, String job) throws SQLException {
        try (Connection connection = open();
                PreparedStatement update = connection.prepareStatement(
                        "UPDATE plan_progress SET " + change + " WHERE database = ? AND job = ?")) {
            update.setString(1, database);
            update.setString(2, job);
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    private Connection open() throws SQLException {
        return Bank.open(dataDir.resolve("holdfast.db"));
    }
}
