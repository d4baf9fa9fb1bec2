package dev.holdfast.http.access;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.request.TargetAuthority;
import io.micronaut.core.annotation.Order;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other web sites out while access control is off. A page in a browser on this machine can send requests here,
 * and one whose name is made to resolve to this machine (DNS rebinding) can read the answers. Both give themselves away
 * by headers that a page cannot change. Applies to every address there is.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
@Order(LocalOnlyFilter.SECOND)
final class LocalOnlyFilter {
    /** Behind the one that puts refusals into a dialect's words. */
    static final int SECOND = Ordered.HIGHEST_PRECEDENCE + 1;

    private final AccessControl access;

    LocalOnlyFilter(AccessControl access) {
        this.access = access;
    }

    @RequestFilter
    @Nullable
    HttpResponse<?> refuse(HttpRequest<?> request) {
        return access.enabled() ? null : refusal(request);
    }

    private static @Nullable HttpResponse<?> refusal(HttpRequest<?> request) {
        List<String> hosts = request.getHeaders().getAll(HttpHeaders.HOST);
        if (hosts.size() != 1) {
            return AccessProblems.of(
                    request, new Problem.InvalidArgument("Host", "A request has exactly one Host header."));
        }
        int usualPort = request.isSecure() ? 443 : 80;
        Optional<Authority> host = Authority.parse(hosts.getFirst(), usualPort).filter(Authority::isLoopback);
        boolean isOtherAddress = TargetAuthority.of(request)
                .filter(it -> Authority.parse(it, usualPort)
                        .filter(Authority::isLoopback)
                        .isEmpty())
                .isPresent();
        if (host.isEmpty() || isOtherAddress) {
            return AccessProblems.permissionDenied(
                    request,
                    "Access control is off, so only requests to localhost are answered; this one names another host.");
        }
        return isFromHere(request, host.get(), usualPort)
                ? null
                : AccessProblems.permissionDenied(
                        request, "Access control is off, so requests that another web site sends are not answered.");
    }

    private static boolean isFromHere(HttpRequest<?> request, Authority host, int usualPort) {
        String scheme = request.isSecure() ? "https" : "http";
        boolean sameOrigin = request.getHeaders().getAll(HttpHeaders.ORIGIN).stream()
                .allMatch(it -> Authority.ofOrigin(it, scheme, usualPort)
                        .filter(host::equals)
                        .isPresent());
        return sameOrigin && (isSameSite(request.getHeaders().getAll("Sec-Fetch-Site")) || isFollowedLink(request));
    }

    /** Not sent by anything but browsers. {@code same-site} is another port of this machine, thus another program. */
    private static boolean isSameSite(List<String> sites) {
        return sites.stream().allMatch(it -> it.equals("same-origin") || it.equals("none"));
    }

    /** A link on another site, opened as a page of its own: that site sees nothing of it, and a GET changes nothing. */
    private static boolean isFollowedLink(HttpRequest<?> request) {
        return request.getMethod() == HttpMethod.GET
                && request.getHeaders().getAll("Sec-Fetch-Mode").equals(List.of("navigate"))
                && request.getHeaders().getAll("Sec-Fetch-Dest").equals(List.of("document"));
    }
}
