"""Every form of a destination that is accepted, with what it means."""

from media_assets.destinations import Provider

ACCOUNT = "0123456789abcdef0123456789abcdef"
R2 = f"https://{ACCOUNT}.r2.cloudflarestorage.com"
R2_EU = f"https://{ACCOUNT}.eu.r2.cloudflarestorage.com"
AZURE = "https://account.blob.core.windows.net"
B2 = "https://s3.us-west-004.backblazeb2.com"
AWS = "https://s3.eu-west-1.amazonaws.com"

FORMS: list[tuple[str, Provider, str | None, str, str]] = [
    ("/data/media", "file", None, "", "data/media/"),
    ("/data//./media/", "file", None, "", "data/media/"),
    ("/", "file", None, "", ""),
    ("/data/100% #1? é", "file", None, "", "data/100% #1? é/"),
    ("file:///data/media/", "file", None, "", "data/media/"),
    ("FILE://localhost/data/a%20b%23", "file", None, "", "data/a b#/"),
    ("memory://tests/a", "memory", None, "tests", "a/"),
    ("s3://my-bucket", "s3", None, "my-bucket", ""),
    ("s3://my-bucket/", "s3", None, "my-bucket", ""),
    ("s3://my-bucket/a/b", "s3", None, "my-bucket", "a/b/"),
    ("S3://my-bucket/a%20b c/", "s3", None, "my-bucket", "a%20b c/"),
    ("gs://my-bucket/a/", "gcs", None, "my-bucket", "a/"),
    ("gcs://my-bucket/a/", "gcs", None, "my-bucket", "a/"),
    ("https://storage.googleapis.com/my-bucket/a%20b/", "gcs", None, "my-bucket", "a b/"),
    ("https://my.bucket.storage.googleapis.com/a", "gcs", None, "my.bucket", "a/"),
    ("az://container/a/", "azure", None, "container", "a/"),
    ("az://container@account.blob.core.windows.net/a/", "azure", AZURE, "container", "a/"),
    ("wasb://container@account.blob.core.windows.net/a/", "azure", AZURE, "container", "a/"),
    ("wasbs://container@account.blob.core.windows.net/", "azure", AZURE, "container", ""),
    ("abfs://container@account.dfs.core.windows.net/a", "azure", AZURE, "container", "a/"),
    ("abfss://container@ACCOUNT.dfs.core.windows.net/a", "azure", AZURE, "container", "a/"),
    ("https://account.blob.core.windows.net/container/a/", "azure", AZURE, "container", "a/"),
    ("https://account.blob.core.windows.net/$web/a/", "azure", AZURE, "$web", "a/"),
    ("r2://my-bucket/a/", "r2", None, "my-bucket", "a/"),
    (f"{R2}/my-bucket/a/", "r2", R2, "my-bucket", "a/"),
    (f"{R2_EU}/my-bucket/", "r2", R2_EU, "my-bucket", ""),
    (f"https://my-bucket.{ACCOUNT}.r2.cloudflarestorage.com/a/", "r2", R2, "my-bucket", "a/"),
    (
        "https://account-id.fedramp.r2.cloudflarestorage.com/my-bucket/",
        "r2",
        "https://account-id.fedramp.r2.cloudflarestorage.com",
        "my-bucket",
        "",
    ),
    ("b2://my-bucket/a/", "b2", None, "my-bucket", "a/"),
    (f"{B2}/my-bucket/a/", "b2", B2, "my-bucket", "a/"),
    ("https://my-bucket.s3.us-west-004.backblazeb2.com/a/", "b2", B2, "my-bucket", "a/"),
    ("tigris://my-bucket/a/", "tigris", None, "my-bucket", "a/"),
    (
        "https://fly.storage.tigris.dev/my-bucket/a/",
        "tigris",
        "https://fly.storage.tigris.dev",
        "my-bucket",
        "a/",
    ),
    ("https://t3.storage.dev/my-bucket", "tigris", "https://t3.storage.dev", "my-bucket", ""),
    ("https://my-bucket.t3.storage.dev/a", "tigris", "https://t3.storage.dev", "my-bucket", "a/"),
    (f"{AWS}/my-bucket/a/", "s3", AWS, "my-bucket", "a/"),
    ("https://my.bucket.s3.eu-west-1.amazonaws.com/a/", "s3", AWS, "my.bucket", "a/"),
    ("https://my-bucket.s3.amazonaws.com:443/", "s3", "https://s3.amazonaws.com", "my-bucket", ""),
    (
        "https://s3.dualstack.us-gov-west-1.amazonaws.com/my-bucket/",
        "s3",
        "https://s3.dualstack.us-gov-west-1.amazonaws.com",
        "my-bucket",
        "",
    ),
    (
        "https://s3.cn-north-1.amazonaws.com.cn/my-bucket/",
        "s3",
        "https://s3.cn-north-1.amazonaws.com.cn",
        "my-bucket",
        "",
    ),
    ("https://minio.example.com/b/a/", "endpoint", "https://minio.example.com", "b", "a/"),
    ("https://minio.example.com:443/b", "endpoint", "https://minio.example.com", "b", ""),
    ("http://127.0.0.1:9000/b/a", "endpoint", "http://127.0.0.1:9000", "b", "a/"),
    ("http://[::1]:9000/b/a", "endpoint", "http://[::1]:9000", "b", "a/"),
    ("http://minio_1/b/a", "endpoint", "http://minio_1", "b", "a/"),
    ("https://notamazonaws.com/b/", "endpoint", "https://notamazonaws.com", "b", ""),
    ("https://s3.eu-west-1.amazonaws.com.evil.io/b/", "endpoint",
     "https://s3.eu-west-1.amazonaws.com.evil.io", "b", ""),
    ("https://windows.example.com/b/", "endpoint", "https://windows.example.com", "b", ""),
]  # fmt: skip
