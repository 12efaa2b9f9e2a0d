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
    public void A_failed_address_is_told_without_its_password_whoever_tells_it()
    {
        var log = new IngestLog(new Quiet());
        log.Failed("picture", "1", "http://me:SECRET@shop.test:8080/1.jpg", "HTTP 404");
        log.Failed("picture", "2", null, "HTTP 404");
        Assert.Equal(["http://shop.test:8080/1.jpg", null], log.Failures.Select(f => f.Url));
        Assert.Equal("""{"shop.test:8080":1}""", log.Shares()["picture"]!["hosts"]!.ToJsonString());
    }
}
