using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using LmmRec.Artifacts.Configuration;
using LmmRec.Cli;

namespace LmmRec.EndToEnd;

/// <summary>What <c>deploy/</c> holds is taken by those that it is for, and fits the command.</summary>
public sealed partial class DeployTests : IDisposable
{
    private const string Program = "/opt/lmmrec/lmmrec";

    // What ends a command so would end it so again.
    private static readonly int[] Final = [ExitCode.BadConfiguration, ExitCode.DeviceNotAvailable, ExitCode.TooMuchToRedo];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Systemd_takes_the_service_and_the_timer()
    {
        var analyze = new[] { "/usr/bin/systemd-analyze", "/bin/systemd-analyze" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(analyze is null, "systemd-analyze is not here; on Debian: apt-get install systemd");
        foreach (var unit in new[] { "lmmrec.service", "lmmrec.timer" }) // it looks whether the program is there
            await File.WriteAllTextAsync(_folder.PathOf(unit), (await ReadAsync($"systemd/{unit}")).Replace(Program, "/bin/true", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var start = new ProcessStartInfo(analyze!, ["verify", _folder.PathOf("lmmrec.service"), _folder.PathOf("lmmrec.timer")]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        using var guard = new ProcessGuard(process);
        var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken) + await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", said); // a key that it does not know is only said
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Kubernetes_types_take_every_key_of_the_manifest_and_give_all_back()
    {
        var text = await ReadAsync("kubernetes/cronjob.yaml");
        var objects = KubernetesYaml.LoadAllFromString(text, strict: true);
        Assert.Equal([typeof(V1ConfigMap), typeof(V1PersistentVolumeClaim), typeof(V1CronJob)], objects.Select(o => o.GetType()));
        Assert.ThrowsAny<Exception>(() => KubernetesYaml.LoadAllFromString(text.Replace("backoffLimit", "backofLimit", StringComparison.Ordinal), strict: true));

        var job = Assert.IsType<V1CronJob>(objects[2]).Spec;
        Assert.Equal(("Forbid", "Never"), (job.ConcurrencyPolicy, job.JobTemplate.Spec.Template.Spec.RestartPolicy)); // a policy for exit codes needs the latter
        var rule = Assert.Single(job.JobTemplate.Spec.PodFailurePolicy.Rules, rule => rule.OnExitCodes is not null);
        Assert.Equal(("FailJob", "In", job.JobTemplate.Spec.Template.Spec.Containers.Single().Name), (rule.Action, rule.OnExitCodes.OperatorProperty, rule.OnExitCodes.ContainerName));
        Assert.Equal(Final.Append(ExitCode.DoneInPart).Order(), rule.OnExitCodes.Values);

        var configuration = ConfigurationFile.Parse(Assert.IsType<V1ConfigMap>(objects[0]).Data["pipeline.json"], "pipeline.json");
        Assert.Empty(ConfigurationBinder.TryBind(typeof(PipelineConfiguration), configuration, "").Faults);
    }

    [Fact]
    public async Task The_service_is_not_tried_again_after_what_would_end_it_so_again()
    {
        var service = await ReadAsync("systemd/lmmrec.service");
        Assert.Equal([ExitCode.DoneInPart], Codes("SuccessExitStatus"));
        Assert.Equal(Final, Codes("RestartPreventExitStatus"));

        IEnumerable<int> Codes(string key) => service.Split('\n').Single(line => line.StartsWith($"{key}=", StringComparison.Ordinal)).Split('=')[1].Split(' ').Select(code => int.Parse(code, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("systemd/lmmrec.service")]
    [InlineData("kubernetes/cronjob.yaml")]
    public async Task Every_option_that_is_named_is_one_of_run(string file)
    {
        var help = (await Lmmrec.RunAsync(_folder.Path, "run", "--help")).Expect(0).Output;
        var lines = (await ReadAsync(file)).Split('\n').Where(line => !line.TrimStart().StartsWith('#'));
        var named = lines.SelectMany(line => Options().Matches(line).Select(match => match.Value)).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.All(named, option => Assert.Contains($"{option} ", help, StringComparison.Ordinal));
    }

    private static Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine(Beside.Checkout, "deploy", file), TestContext.Current.CancellationToken);

    [GeneratedRegex("(?<![a-z-])--[a-z][a-z-]*")]
    private static partial Regex Options();
}
