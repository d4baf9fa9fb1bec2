/**
 * The members of an archive: names, owners, modes and checksums, and the errors that reject an archive. Names from an
 * archive are hostile until they are {@link dev.holdfast.files.archive.member.MemberNames}.
 */
@NullMarked
package dev.holdfast.files.archive.member;

import org.jspecify.annotations.NullMarked;
