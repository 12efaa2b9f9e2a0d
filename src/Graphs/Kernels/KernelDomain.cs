using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// The library's CPU kernels as an ONNX operator domain. A session made with them runs them; one made without runs the functions of standard
/// operators that models carry under the same names.
/// </summary>
internal static unsafe class KernelDomain
{
    private static readonly Kernel[] Kernels =
    [
        new SparseMatMul(add: false), new SparseMatMul(add: true), new SampledMatMul(), new RowScatter(add: false), new RowScatter(add: true),
        new RowLogSumExpForward(), new RowLogSumExpBackward(), new LeakyReluGradient(), new QuickGelu(), new QuickGeluGradient(), new SoftmaxGradient(), new Attention(), new AttentionGradient(),
        new LayerNormalizationGradient(), .. OwnProducts.Forms.Select(form => new OwnGemm(form)), new AdamStep(), new QuantizeRows(), new DequantizeRows(),
    ];

    // Made once: ONNX Runtime refers to the domain and its operators from every session until the process ends.
    private static readonly void* Domain = Create();

    /// <summary>Lets a session run the kernels.</summary>
    public static void AddKernels(this SessionOptions options) => Add(options, Domain);

    private static void* Create()
    {
        var domain = OrtApi.CreateCustomOpDomain(CustomOperator.NativeText(Own.Domain));
        foreach (var kernel in Kernels) OrtApi.AddToDomain(domain, CustomOperator.Of(kernel));
        // ONNX Runtime writes a new domain into a table of the process at the first session that has it, without a lock: of two first sessions made at
        // the same time one would fail. This one is made alone.
        using var options = new SessionOptions();
        Add(options, domain);
        var empty = new Graph("empty");
        empty.Output("y", empty.Input("x", ElementType.Float32, [1]).Identity());
        new InferenceSession(GraphFile.ToModel(empty, empty.Outputs.Keys, ParametersAs.Initializers).ToByteArray(), options).Dispose();
        return domain;
    }

    private static void Add(SessionOptions options, void* domain)
    {
        var held = false;
        options.DangerousAddRef(ref held);
        OrtApi.AddDomainToSession(options.DangerousGetHandle(), domain);
        options.DangerousRelease();
    }
}
