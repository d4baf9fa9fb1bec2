@NullMarked
package dev.holdfast.application.notice;

import org.jspecify.annotations.NullMarked;
