package dev.holdfast.bootstrap.start;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.bootstrap.start.BoundAddresses.Wanted;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is listened at, against what the settings ask for. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class BoundAddressesTest {
    private static final List<Wanted> SETTINGS =
            List.of(new Wanted("holdfast.http", "127.0.0.1", 8080), new Wanted("holdfast.grpc", "127.0.0.1", 0));
    private static final InetSocketAddress HTTP = at("127.0.0.1", 8080);
    private static final InetSocketAddress GRPC = at("127.0.0.1", 41234);

    @Test
    void the_addresses_of_the_settings_are_accepted_in_any_order() {
        assertThatCode(() -> BoundAddresses.require(SETTINGS, List.of(HTTP, GRPC)))
                .doesNotThrowAnyException();
        assertThatCode(() -> BoundAddresses.require(SETTINGS, List.of(GRPC, HTTP)))
                .doesNotThrowAnyException();
    }

    @Test
    void an_address_that_no_setting_names_stops_the_start_and_both_sides_are_named() {
        assertThatThrownBy(() -> BoundAddresses.require(SETTINGS, List.of(HTTP, GRPC, at("0.0.0.0", 9999))))
                .isInstanceOf(StartupException.class)
                .hasMessageContainingAll(
                        "0.0.0.0 port 9999", "127.0.0.1 port 8080 by holdfast.http", "by holdfast.grpc");
    }

    @Test
    void another_port_another_host_and_a_missing_address_stop_the_start() {
        for (List<InetSocketAddress> bound : List.of(
                List.of(at("127.0.0.1", 8081), GRPC),
                List.of(at("127.0.0.2", 8080), GRPC),
                List.of(HTTP, at("0.0.0.0", 41234)),
                List.of(HTTP),
                List.<InetSocketAddress>of())) {
            assertThatThrownBy(() -> BoundAddresses.require(SETTINGS, bound)).isInstanceOf(StartupException.class);
        }
    }

    @Test
    void all_addresses_may_be_bound_as_those_of_ipv6() {
        var everywhere = List.of(new Wanted("holdfast.http", "0.0.0.0", 8080));

        assertThatCode(() -> BoundAddresses.require(everywhere, List.of(at("::", 8080))))
                .doesNotThrowAnyException();
    }

    private static InetSocketAddress at(String host, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    }
}
