package dev.holdfast.sqlite.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.archive.UnpackResult.DirectoryPart;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.tree.SiblingPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DirectorySwapTest {
    @TempDir
    Path root;

    @Test
    void what_came_to_lead_elsewhere_after_the_unpacking_is_not_replaced() throws IOException {
        Path target = Files.createDirectories(root.resolve("data/storage"));
        Path other = Files.createDirectories(root.resolve("elsewhere/storage"));
        var part = new DirectoryPart(target, SiblingPaths.staged(target.toRealPath()));
        Files.move(target, target.resolveSibling("moved"));
        Files.createSymbolicLink(target, other);
        assertThatThrownBy(() -> DirectorySwap.of(part, "1"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("came to lead elsewhere");
    }

    @Test
    void what_was_unpacked_and_is_gone_with_its_folder_takes_no_place() throws IOException {
        Path target = Files.createDirectories(root.resolve("data/storage"));
        DirectorySwap swap = DirectorySwap.of(new DirectoryPart(target, SiblingPaths.staged(target.toRealPath())), "1");
        Files.move(root.resolve("data"), root.resolve("moved"));
        Path other = Files.createDirectories(target);
        assertThatThrownBy(swap::in)
                .isInstanceOfSatisfying(
                        ProblemException.class, it -> assertThat(it.problem()).isInstanceOf(Problem.SourceBusy.class));
        assertThat(other).isEmptyDirectory();
    }

    @Test
    void an_undo_goes_on_where_an_application_has_made_the_directory_again() throws IOException {
        Path target = Files.createDirectories(root.resolve("data/storage"));
        Files.writeString(target.resolve("old"), "old");
        Path staged = SiblingPaths.staged(target.toRealPath());
        Files.writeString(staged.resolve("new"), "new");
        DirectorySwap swap = DirectorySwap.of(new DirectoryPart(target, staged), "1");
        swap.in();
        // As an undo that was cut off between its two renames leaves it.
        Files.move(target, swap.undone());
        Files.writeString(Files.createDirectory(target).resolve("later"), "later");

        swap.out();

        assertThat(target.resolve("old")).hasContent("old");
        assertThat(swap.undone().resolve("new")).hasContent("new");
        assertThat(swap.undone()
                        .resolveSibling(swap.undone().getFileName() + "-2")
                        .resolve("later"))
                .hasContent("later");
    }
}
