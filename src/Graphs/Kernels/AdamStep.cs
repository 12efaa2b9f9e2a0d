using System.Numerics;
using System.Runtime.CompilerServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// One step of Adam or AdamW over one tensor, in a single pass over memory. Inputs: parameter, gradient, first and second moment (all of one
/// shape), learning rate, number of the step from 1, and β₁, β₂, ε, coupled decay, decoupled decay. Outputs: parameter and moments after the
/// step. An element is read before it is written and no other is looked at, so outputs may be bound to the buffers of their inputs.
/// </summary>
internal sealed unsafe class AdamStep() : Kernel(
    "AdamStep",
    [Slot.Float, Slot.Float, Slot.Float, Slot.Float, new(ElementType.Float64), Slot.Index64, new(ElementType.Float64)],
    [Slot.Float, Slot.Float, Slot.Float])
{
    public override void Compute(KernelContext context)
    {
        Operand<float> parameter = context.Input<float>(0), gradient = context.Input<float>(1), first = context.Input<float>(2), second = context.Input<float>(3);
        var length = parameter.Length;
        if (gradient.Length != length || first.Length != length || second.Length != length)
            throw new GraphException($"a parameter of {length} elements has a gradient of {gradient.Length} and moments of {first.Length} and {second.Length}");
        var constants = context.Input<double>(6);
        if (constants.Length != 5) throw new GraphException($"{constants.Length} constants instead of 5");
        var coefficients = new Coefficients(*context.Input<double>(4).Data, *context.Input<long>(5).Data, constants.Span);
        Operand<float> newParameter = context.Output<float>(0, parameter.Shape), newFirst = context.Output<float>(1, parameter.Shape);
        var newSecond = context.Output<float>(2, parameter.Shape);
        context.ParallelForChunks(length, (start, end) =>
            Update(coefficients, start, end, parameter.Data, gradient.Data, first.Data, second.Data, newParameter.Data, newFirst.Data, newSecond.Data));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Update(in Coefficients c, int start, int end, float* p, float* g, float* m, float* v, float* newP, float* newM, float* newV)
    {
        var i = start;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            var weight = Vector.Load(p + i);
            var slope = Vector.Load(g + i) + new Vector<float>(c.Coupled) * weight;
            var mean = new Vector<float>(c.Beta1) * Vector.Load(m + i) + new Vector<float>(c.OneMinusBeta1) * slope;
            var square = new Vector<float>(c.Beta2) * Vector.Load(v + i) + new Vector<float>(c.OneMinusBeta2) * (slope * slope);
            var direction = mean / (Vector.SquareRoot(square) / new Vector<float>(c.Correction) + new Vector<float>(c.Epsilon));
            (new Vector<float>(c.Kept) * weight - new Vector<float>(c.StepSize) * direction).Store(newP + i);
            mean.Store(newM + i);
            square.Store(newV + i);
        }
        for (; i < end; i++)
        {
            var slope = g[i] + c.Coupled * p[i];
            var mean = c.Beta1 * m[i] + c.OneMinusBeta1 * slope;
            var square = c.Beta2 * v[i] + c.OneMinusBeta2 * (slope * slope);
            newP[i] = c.Kept * p[i] - c.StepSize * (mean / (MathF.Sqrt(square) / c.Correction + c.Epsilon));
            (newM[i], newV[i]) = (mean, square);
        }
    }

    /// <summary>What the elements are multiplied with. In double precision until here: 1 − β₂ᵗ in floats is off by some 1e-4 in the first steps.</summary>
    private readonly struct Coefficients(double rate, long step, ReadOnlySpan<double> constants)
    {
        public readonly float Beta1 = (float)constants[0];
        public readonly float OneMinusBeta1 = (float)(1 - constants[0]);
        public readonly float Beta2 = (float)constants[1];
        public readonly float OneMinusBeta2 = (float)(1 - constants[1]);
        public readonly float Epsilon = (float)constants[2];
        public readonly float Coupled = (float)constants[3];
        public readonly float Kept = (float)(1 - rate * constants[4]);
        public readonly float StepSize = (float)(rate / (1 - Math.Pow(constants[0], step)));
        public readonly float Correction = (float)Math.Sqrt(1 - Math.Pow(constants[1], step));
    }
}
