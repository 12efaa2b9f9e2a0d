namespace LmmRec.Ingest.Tests;

public sealed class IngestLogTests
{
    [Fact]
    public void A_file_of_rubbish_keeps_the_first_reasons_and_counts_the_rest()
    {
        var log = new IngestLog(new Quiet());
        for (var line = 1; line <= 100_003; line++) log.Failed("review", $"line {line}", url: null, "is no JSON");
        log.Failed("picture", "A1", "http://shop.test/1", "HTTP 404");

        var failures = log.Failures.ToList();
        Assert.Equal(100_001, failures.Count);
        Assert.Equal(("line 100000", "more", "4 further failures are not listed"), (failures[^2].Id, failures[^1].Kind, failures[^1].Reason));
        Assert.Equal(100_004, log.FailureCount);
        Assert.Contains("1 of 1 pictures failed, the first: A1 (HTTP 404)", IngestLog.TooMany(log.Shares(), 0.05, "toys/ingest"), StringComparison.Ordinal);
    }

    [Fact]
    public void Causes_are_what_reasons_say_before_a_colon_or_brackets_and_words_stay_whole()
    {
        var log = new IngestLog(new Quiet());
        log.Failed("picture", "A1", "ftp://shop.test/1", "is no http(s) address: ftp://shop.test/1");
        log.Failed("picture", "A2", "ftp://shop.test/2", "is no http(s) address: ftp://shop.test/2");
        log.Failed("picture", "A3", null, "ended early (12 of 40 bytes)");
        Assert.Equal("3 of 3 pictures failed, the first: A1 (is no http(s) address: ftp://shop.test/1); causes: is no http(s) address 2, ended early 1", log.Faults);
    }

    [Fact]
    public void A_run_with_too_many_failures_says_the_limit_where_they_are_listed_and_what_helps()
    {
        var log = new IngestLog(new Quiet());
        log.Failed("feature record", "f.b, record 1", url: null, "breaks off");
        Assert.Equal(
            $"1 of 1 feature records failed, the first: f.b, record 1 (breaks off); causes: breaks off 1; the limit is 2.5 %. {Listed()} lists them. Fix the input, or raise ingest.maxFailedShare.",
            IngestLog.TooMany(log.Shares(), 0.025, "toys"));
        log.Failed("picture", "A1", url: null, "HTTP 404");
        Assert.EndsWith($"{Listed()} lists them. Fix the input, run lmmrec ingest --retry-failed, or raise ingest.maxFailedShare.", IngestLog.TooMany(log.Shares(), 0.025, "toys"), StringComparison.Ordinal);
        Assert.Null(IngestLog.TooMany(log.Shares(), 1, "toys"));

        static string Listed() => Path.Combine("toys", "failures.parquet");
    }

    [Fact]
    public void A_failed_address_is_told_without_its_password_whoever_tells_it()
    {
        var log = new IngestLog(new Quiet());
        log.Failed("picture", "1", "http://me:SECRET@shop.test:8080/1.jpg", "HTTP 404");
        log.Failed("picture", "2", null, "HTTP 404");
        Assert.Equal(["http://shop.test:8080/1.jpg", null], log.Failures.Select(f => f.Url));
        Assert.Equal("""{"shop.test:8080":1}""", log.Shares()["picture"]!["hosts"]!.ToJsonString());
    }
}
