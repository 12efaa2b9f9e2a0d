using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Ingest.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void The_defaults_are_those_that_the_documentation_names()
    {
        Assert.Equal(new DatasetOptions { Source = DatasetSource.Sample, Name = null, Seed = 7 }, new DatasetOptions());
        Assert.Equal("sample", new DatasetOptions().FolderName);
        var options = new IngestOptions
        {
            Core = 5,
            Split = new SplitOptions { Kind = SplitKind.Random, Seed = 999, Cold = 0 },
            Images = new ImageOptions
            {
                Concurrency = 32,
                PerHost = new PerHostOptions { Connections = 8, RequestsPerSecond = 20 },
                MaxBytes = 10 * 1024 * 1024,
                IdleSeconds = 10,
                TotalSeconds = 120,
                Retries = 4,
                GiveUpSeconds = 600,
                HonourOptOut = true,
                PlaceholderShare = 0.05,
                KeepGoneDays = 90,
            },
            UserAgent = "lmmrec/0.1.0",
            Contact = null,
            Proxy = null,
            PrivateHosts = [],
            RefreshHours = null,
            MaxFailedShare = 0.05,
        };
        Assert.Equal(options, new IngestOptions());
    }

    [Fact]
    public void A_configuration_is_bound_by_the_names_of_the_documentation()
    {
        var json = ConfigurationFile.Parse("""{ "core": 3, "split": { "kind": "given" }, "images": { "concurrency": 8, "idleSeconds": 2.5 }, "maxFailedShare": 0.1 }""", "test");
        var options = ConfigurationBinder.Bind<IngestOptions>(json);
        Assert.Equal((3, SplitKind.Given, 8, 2.5, 0.1), (options.Core, options.Split.Kind, options.Images.Concurrency, options.Images.IdleSeconds, options.MaxFailedShare));
        Assert.Equal(DatasetSource.Mmrec, ConfigurationBinder.Bind<DatasetOptions>(ConfigurationFile.Parse("""{ "source": "mmrec", "name": "tiktok" }""", "test")).Source);
    }

    [Theory]
    [InlineData("random", SplitKind.Random)]
    [InlineData("leave-one-out", SplitKind.LeaveOneOut)]
    [InlineData("user-time", SplitKind.UserTime)]
    [InlineData("global-time", SplitKind.GlobalTime)]
    [InlineData("given", SplitKind.Given)]
    public void A_split_is_named_as_in_the_documentation(string name, SplitKind kind) =>
        Assert.Equal(kind, ConfigurationBinder.Bind<SplitOptions>(ConfigurationFile.Parse($$"""{ "kind": "{{name}}" }""", "test")).Kind);

    [Theory]
    [InlineData("""{ "source": "mmrec" }""", "name: is required for source 'mmrec'")]
    [InlineData("""{ "source": "lattice" }""", "name: is required for source 'lattice'")]
    [InlineData("""{ "source": "amazon-2018" }""", "category: is required for source 'amazon-2018'")]
    [InlineData("""{ "source": "amazon-2014", "category": "../Baby" }""", "category: \"../Baby\" is no category")]
    [InlineData("""{ "source": "amazon-2023", "category": "Baby", "mirror": "files/amazon" }""", "mirror: is no http(s) address")]
    [InlineData("""{ "source": "amazon-2023", "category": "Baby", "mirror": "ftp://files.test/amazon" }""", "mirror: is no http(s) address")]
    [InlineData("""{ "source": "mmrec", "name": "../tiktok" }""", "name: \"../tiktok\" cannot name a folder")]
    [InlineData("""{ "name": ".." }""", "name: \"..\" cannot name a folder")]
    [InlineData("""{ "source": "amazon" }""", "source: unknown value 'amazon'")]
    public void A_dataset_that_cannot_be_named_is_refused(string json, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<ConfigurationException>(() => ConfigurationBinder.Bind<DatasetOptions>(ConfigurationFile.Parse(json, "test"))).Message, StringComparison.Ordinal);
}
