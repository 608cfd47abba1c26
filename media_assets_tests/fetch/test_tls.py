"""https: the address that was checked is dialled, and the name is what has to be proved."""

import ipaddress
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from media_assets.errors import SourceRefusedError, SourceUnavailableError
from media_assets.fetch import Environment
from media_assets_tests.fetch.site import (
    LIMITS,
    Names,
    Pauses,
    answer,
    fetch_bytes,
    header,
    raw,
    redirect,
    site,
)

PHOTO = b"photo"
NAMES = Names(photos=[["127.0.0.1"]], other=[["127.0.0.1"]])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that signs itself, for photos.test and 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "photos.test")])
    now = datetime.now(UTC)
    subjects = [x509.DNSName("photos.test"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(subjects), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def outside(certificate: Path) -> Environment:
    return Environment(NAMES, ssl.create_default_context(cafile=str(certificate)), Pauses())


def test_a_host_is_known_by_its_name(tls: ssl.SSLContext, outside: Environment) -> None:
    with site(answer(PHOTO), tls=tls) as served:
        url = served.url(host="photos.test")

        assert fetch_bytes(url, limits=LIMITS, outside=outside) == PHOTO

        assert served.server_names == ["photos.test"]
        assert served.requests[0].headers["host"] == f"photos.test:{served.port}"


def test_a_host_is_known_by_its_address_where_the_url_has_no_name(
    tls: ssl.SSLContext, outside: Environment
) -> None:
    with site(answer(PHOTO), tls=tls) as served:
        assert fetch_bytes(served.url(), limits=LIMITS, outside=outside) == PHOTO


def test_a_certificate_of_another_name_is_refused_without_retries(
    tls: ssl.SSLContext, outside: Environment
) -> None:
    with site(answer(PHOTO), tls=tls) as served:
        with pytest.raises(SourceRefusedError, match=r"certificate is not valid .*other\.test"):
            fetch_bytes(served.url(host="other.test"), limits=LIMITS, outside=outside)

        assert (served.connections, served.requests) == (1, [])


def test_an_untrusted_certificate_is_refused_without_retries(tls: ssl.SSLContext) -> None:
    with site(answer(PHOTO), tls=tls) as served:
        with pytest.raises(SourceRefusedError, match=r"certificate is not valid \(self"):
            fetch_bytes(served.url(host="photos.test"), limits=LIMITS, outside=Environment(NAMES))

        assert (served.connections, served.requests) == (1, [])


def test_a_redirect_from_https_to_http_is_refused(
    tls: ssl.SSLContext, outside: Environment
) -> None:
    with site(answer(PHOTO)) as plain, site(redirect(plain.url()), tls=tls) as front:
        with pytest.raises(SourceRefusedError, match="from https to http"):
            fetch_bytes(front.url(), limits=LIMITS, outside=outside)

        assert plain.connections == 0


def test_a_redirect_from_http_to_https_is_followed(
    tls: ssl.SSLContext, outside: Environment
) -> None:
    with (
        site(answer(PHOTO), tls=tls) as store,
        site(redirect(store.url(host="photos.test"))) as front,
    ):
        assert fetch_bytes(front.url(), limits=LIMITS, outside=outside) == PHOTO


def test_a_body_that_tls_does_not_end_is_cut(tls: ssl.SSLContext, outside: Environment) -> None:
    limits = replace(LIMITS, max_retries=1)
    with site(raw(header(), PHOTO), tls=tls) as served:
        with pytest.raises(SourceUnavailableError, match=r"TLS failed .*EOF"):
            fetch_bytes(served.url(), limits=limits, outside=outside)

        assert len(served.requests) == 2


def test_a_host_that_speaks_no_tls_is_unavailable(outside: Environment) -> None:
    limits = replace(LIMITS, max_retries=1)
    with site(answer(PHOTO)) as plain:
        url = plain.url().replace("http:", "https:")

        with pytest.raises(SourceUnavailableError, match="TLS failed"):
            fetch_bytes(url, limits=limits, outside=outside)

        assert [request.method for request in plain.requests] == ["TLS", "TLS"]
