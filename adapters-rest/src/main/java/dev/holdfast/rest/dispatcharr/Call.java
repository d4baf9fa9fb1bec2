package dev.holdfast.rest.dispatcharr;

/** What was asked for, with what its failures begin. */
enum Call {
    LIST("Failed to list backups"),
    CREATE("Failed to start backup"),
    STATUS("Failed to get task status"),
    TOKEN("Failed to generate token"),
    DOWNLOAD("Download failed"),
    DELETE("Delete failed"),
    UPLOAD("Upload failed"),
    RESTORE("Failed to start restore"),
    GET_SCHEDULE("Failed to get schedule"),
    SET_SCHEDULE("Failed to update schedule"),
    CANCEL("Failed to cancel job");

    private final String prefix;

    Call(String prefix) {
        this.prefix = prefix;
    }

    String failed(String text) {
        return prefix + ": " + text;
    }
}
